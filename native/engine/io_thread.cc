#include "engine/io_thread.h"

#include <linux/rtnetlink.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>

#include "codec/decode.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/realtime.h"

namespace ipmp {
namespace {

const std::vector<int> kGroups{RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                               RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_NEXTHOP};

constexpr int kRequestBufferBytes = 1 << 20;

// An idle machine: a round costs some 20 us, nearly all of it the wake-up.
constexpr std::int64_t kCalmIntervalNs = 1'000'000;
// After any link event linkwatch is held back for a second, so that the next loss would be told late; and losses come in
// company. Two seconds outlast the one second with room for a slow wake-up.
constexpr std::int64_t kLivelyIntervalNs = 250'000;
constexpr std::int64_t kLivelyForNs = 2'000'000'000;
// A look at a link costs about a microsecond: of many links each is looked at more seldom, for a tenth of a processor at most.
constexpr std::int64_t kCalmPerLinkNs = 16'000;
constexpr std::int64_t kLivelyPerLinkNs = 4'000;

// A storm of notices must not keep the thread from looking at the carriers.
constexpr int kDatagramsPerRound = 64;

// False where the time went by and nothing came.
// epoll_pwait2 by number: the C library has a name for it only since 2.35. Kernels before 5.11 know milliseconds.
bool wait_on(int epoll, std::int64_t timeout_ns) {
  epoll_event events[4];
  const timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  const timespec* limit = timeout_ns < 0 ? nullptr : &timeout;
  const auto ready = syscall(SYS_epoll_pwait2, epoll, events, 4, limit, nullptr, 0);
  if (ready >= 0 || errno != ENOSYS) return ready != 0;
  return epoll_wait(epoll, events, 4, timeout_ns < 0 ? -1 : static_cast<int>((timeout_ns + 999'999) / 1'000'000)) != 0;
}

void add_to(const Descriptor& epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (epoll_ctl(epoll.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) fail("adding to an epoll set");
}

}  // namespace

IoThread::IoThread(const IoThreadOptions& options)
    : options_(options),
      events_(options.receive_buffer_bytes),
      requests_(kRequestBufferBytes),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      nudge_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      buffer_(kDatagramBytes),
      ring_(options.ring_bytes),
      drivers_(options.realtime, [this](std::uint32_t index) { return ethtool_.has_link(index); }, [this] { nudge(); }) {
  if (!epoll_ || !nudge_) fail("opening an epoll set and an eventfd");
  events_.subscribe(kGroups);
  add_to(epoll_, events_.descriptor());
  add_to(epoll_, nudge_.number());
}

IoThread::~IoThread() {
  stop();
}

void IoThread::start(std::function<void()> wake) {
  wake_ = std::move(wake);
  thread_ = std::thread([this] { run(); });
  prepared_.wait();
}

void IoThread::stop() {
  drivers_.stop();
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  nudge();
  thread_.join();
}

void IoThread::nudge() {
  const std::uint64_t one = 1;
  // Can only fail when the counter is full, and then the thread is being woken anyway.
  [[maybe_unused]] const auto written = write(nudge_.number(), &one, sizeof one);
}

void IoThread::begin_drain() {
  // One after the other: in a storm that does not end the later one would move the end of the former for ever.
  if (!loss_at_ && overrun_.exchange(false, std::memory_order_acq_rel)) loss_at_ = ring_.end();
}

bool IoThread::take_loss() {
  if (!loss_at_ || !ring_.is_read_to(*loss_at_)) return false;
  loss_at_.reset();
  return true;
}

bool IoThread::end_drain() {
  // A wake-up that it replaces was for what is looked at behind it.
  woken_.exchange(false, std::memory_order_seq_cst);
  if (ring_.empty() && !loss_at_ && !overrun_.load(std::memory_order_acquire)) return true;
  // Where the thread has rung meanwhile another drain is under way already.
  return woken_.exchange(true, std::memory_order_seq_cst);
}

std::string IoThread::watch(const std::vector<std::uint32_t>& indexes, const LinkQuery& query) {
  carriers_.replace(indexes, [&](std::uint32_t index) { return open_link(index, query); });
  nudge();
  return drivers_.replace(carriers_.testimonies());
}

// The carrier is asked for between two equal readings of the counters, so that both belong to one moment.
std::optional<WatchedLink> IoThread::open_link(std::uint32_t index, const LinkQuery& query) {
  std::string name;
  bool carrier = false;
  if (!query(index, name, carrier)) return std::nullopt;
  auto files = sysfs_.carrier_files(name, index);
  if (!files) return std::nullopt;
  for (auto before = files->counts(); before; before = files->counts()) {
    if (!query(index, name, carrier)) return std::nullopt;
    if (files->counts() != before) continue;
    auto testimony = tells_late(ethtool_.driver(name)) ? std::make_shared<Testimony>(index, name, carrier) : nullptr;
    return WatchedLink{index, std::move(*files), *before, carrier, std::move(testimony)};
  }
  return std::nullopt;
}

void IoThread::run() {
  prepare();
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool has_work = wait_for_work();
    look_at_carriers();
    // Most rounds are for the carriers alone. A record of theirs may have found no room in the ring.
    if (has_work || losing_) read_events();
  }
}

void IoThread::prepare() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  realtime_refusal_ = options_.realtime ? enter_realtime(Priority::repair) : "not asked for";
  locking_refusal_ = lock_memory(ring_.storage());
  if (locking_refusal_.empty()) locking_refusal_ = lock_memory(buffer_);
  if (locking_refusal_.empty()) locking_refusal_ = lock_stack();
  prepared_.count_down();
}

bool IoThread::wait_for_work() {
  if (!wait_on(epoll_.number(), poll_interval_ns())) return false;
  std::uint64_t nudges;
  [[maybe_unused]] const auto got = read(nudge_.number(), &nudges, sizeof nudges);
  return true;
}

std::int64_t IoThread::poll_interval_ns() {
  const auto links = static_cast<std::int64_t>(carriers_.size());
  if (links == 0) return -1;
  if (monotonic_ns() < lively_until_ns_) return std::max(kLivelyIntervalNs, links * kLivelyPerLinkNs);
  return std::max(kCalmIntervalNs, links * kCalmPerLinkNs);
}

void IoThread::look_at_carriers() {
  const bool changed = carriers_.poll([this](const WatchedLink& link, bool carrier) { on_carrier(link, carrier); });
  if (changed) lively_until_ns_ = monotonic_ns() + kLivelyForNs;
}

// First what repairs traffic, then the poke (it waits for the kernel's rtnl lock), then the report.
void IoThread::on_carrier(const WatchedLink& link, bool carrier) {
  const bool fired = !carrier && fire(link.index);
  if (!carrier) link.files.poke();
  report_carrier(link.index, carrier, fired);
  if (link.testimony && carrier && link.testimony->is_disbelieved()) report_disbelieved(link.testimony->name);
}

bool IoThread::fire(std::uint32_t index) {
  const auto plans = plans_.take_lost(index);
  carry_out(plans, packets_, requests_);
  return !plans.empty();
}

void IoThread::report_disbelieved(const std::string& name) {
  DriverDisbelievedRecord record{};
  record.header.nlmsg_len = sizeof record;
  record.header.nlmsg_type = kDriverDisbelievedRecordType;
  name.copy(record.name, sizeof record.name - 1);
  push(ByteView(reinterpret_cast<const std::uint8_t*>(&record), sizeof record));
}

void IoThread::report_carrier(std::uint32_t index, bool carrier, bool fired) {
  CarrierRecord record{};
  record.header.nlmsg_len = sizeof record;
  record.header.nlmsg_type = kCarrierRecordType;
  record.index = index;
  record.carrier = carrier;
  record.fired = fired;
  push(ByteView(reinterpret_cast<const std::uint8_t*>(&record), sizeof record));
}

// After a loss everything is thrown away until the queue is empty: a notice older than the loss must not reach anybody
// after the dump that the loss will cause.
void IoThread::read_events() {
  for (int i = 0; i < kDatagramsPerRound; ++i) {
    ByteView datagram;
    const auto reception = receive_event(datagram);
    if (reception == NetlinkSocket::Reception::data) {
      take_datagram(datagram);
      continue;
    }
    if (reception == NetlinkSocket::Reception::lost) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      losing_ = true;
      continue;
    }
    if (losing_) {
      losing_ = false;
      overrun_.store(true, std::memory_order_release);
      wake_reader();
    }
    return;
  }
}

NetlinkSocket::Reception IoThread::receive_event(ByteView& datagram) {
  try {
    return events_.receive(buffer_, datagram, false);
  } catch (const SystemError&) {
    // Whatever it was, something may have been missed.
    return NetlinkSocket::Reception::lost;
  }
}

void IoThread::take_datagram(ByteView datagram) {
  while (const auto message = next_message(datagram)) {
    if (is_relevant(*message)) {
      if (message->header.nlmsg_type == RTM_NEWLINK) take_link_notice(*message);
      else push(message->whole);
    }
    look_at_route_watch(*message);
  }
}

void IoThread::look_at_route_watch(const MessageView& message) {
  const auto verdict = routes_.judge(message);
  if (verdict == RouteWatch::Verdict::tell) push(message.whole);
  if (verdict != RouteWatch::Verdict::doubt) return;
  nlmsghdr record{};
  record.nlmsg_len = sizeof record;
  record.nlmsg_type = kRoutesDoubtfulRecordType;
  push(ByteView(reinterpret_cast<const std::uint8_t*>(&record), sizeof record));
}

// The mark goes with the notice, so that it says in its place among the records what held there.
void IoThread::take_link_notice(const MessageView& message) {
  on_link_notice(message);
  const auto link = FixedPart<ifinfomsg>::of(message.payload);
  if (!link || !carriers_.is_reported_denied(static_cast<std::uint32_t>(link->fixed.ifi_index))) return push(message.whole);
  Bytes marked(message.whole.begin(), message.whole.end());
  nlmsghdr header = message.header;
  header.nlmsg_flags |= kCarrierDeniedFlag;
  std::memcpy(marked.data(), &header, sizeof header);
  push(marked);
}

// The counters are asked first: they know better whether this is a loss, and report it in its place. A link that goes dormant keeps
// its carrier, so that only the kernel's notice tells.
void IoThread::on_link_notice(const MessageView& message) {
  lively_until_ns_ = monotonic_ns() + kLivelyForNs;
  const auto link = decode_link(message);
  if (!link || (link->carrier && link->lower_up && link->running)) return;
  look_at_carriers();
  if (fire(link->index)) report_carrier(link->index, false, true);
}

void IoThread::push(ByteView record) {
  if (losing_ || !ring_.push(record)) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    losing_ = true;
    return;
  }
  wake_reader();
}

void IoThread::wake_reader() {
  if (!woken_.exchange(true, std::memory_order_seq_cst)) wake_();
}

}  // namespace ipmp
