#include "prober/prober_thread.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>

#include <algorithm>

#include "system/clock.h"
#include "system/error.h"
#include "system/realtime.h"

namespace ipmp {
namespace {

// After sending it looks at once, then after this long, and then each time after four times as long.
constexpr std::int64_t kFirstLookNs = 250'000;
constexpr std::int64_t kLookFactor = 4;
// A moment of the schedule that comes as soon as this serves as well.
constexpr std::int64_t kSoonNs = 1'000'000;

// Answers wait so long for company, and longer where steps are long.
constexpr std::int64_t kLeastPatienceNs = 5'000'000;
constexpr std::int64_t kMostPatienceNs = 25'000'000;
constexpr std::int64_t kPatienceParts = 8;

// Cards that go may come again; of many that were made anew each time only the latest are worth it.
constexpr std::size_t kMostMemories = 1024;

constexpr std::int64_t kMostAwakeNs = 19'000'000;
constexpr std::int64_t kRestNs = 1'000'000;

// Below this nobody minds entries of the schedule that are not valid any more.
constexpr std::size_t kFewEntries = 256;

constexpr int kEvents = 256;
// A flood on one socket must not keep the thread from the others.
constexpr int kBatchesPerLook = 64;

template <typename T>
T random_value() {
  T value;
  // Never short for so few octets, once the kernel's pool is filled; before, it waits for that.
  if (getrandom(&value, sizeof value, 0) != sizeof value) fail("drawing a secret key");
  return value;
}

// In the order of STATISTICS in src/kernel/native-prober.ts.
void append_statistics(std::vector<double>& numbers, std::uint32_t path, const ProbedTarget& target) {
  const TargetCounts& counts = target.counts;
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  if (target.plan.id == 0) return;
  numbers.insert(numbers.end(),
                 {number(path), number(target.plan.id), number(counts.sent), number(counts.answered), number(counts.lost),
                  number(counts.unsent), number(counts.duplicate), number(counts.wrong_source), number(counts.late),
                  number(counts.too_old),
                  counts.mean(), counts.deviation(), counts.minimum(), counts.maximum(), counts.loss_rate()});
}

}  // namespace

ProberThread::ProberThread(const ProberOptions& options, const NetworkNamespace& space)
    : space_(space),
      realtime_(options.realtime),
      share_{random_value<SipKey>(), Dice(random_value<std::uint64_t>()), Recorder(options.ring_records), {}},
      identifier_base_(random_value<std::uint16_t>()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) fail("opening an epoll set");
}

ProberThread::~ProberThread() {
  stop();
}

void ProberThread::start(std::function<void()> wake) {
  wake_ = std::move(wake);
  thread_ = std::thread([this] { run(); });
  prepared_.wait();
  if (!failure_) return;
  thread_.join();
  std::rethrow_exception(failure_);
}

void ProberThread::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  alarm_.ring();
  thread_.join();
}

void ProberThread::run() {
  prepare();
  while (!failure_ && !stopping_.load(std::memory_order_acquire)) {
    sleep();
    if (has_orders_.load(std::memory_order_acquire)) take_orders();
    drain();
    const std::int64_t now_ns = monotonic_ns();
    fire_due(now_ns);
    // Over a short cable the answers are there already.
    if (sent_) drain();
    plan_next_look(now_ns);
    tell_reader(now_ns);
  }
}

// Behind all the time it would keep a processor from everybody of lower priority, until the kernel steps in, for a twentieth of a
// second in each: rather a little rest, often. What is not sent meanwhile could not have been sent in time either.
void ProberThread::sleep() {
  const std::int64_t now_ns = monotonic_ns();
  const std::int64_t wake_ns = next_wake_ns();
  const bool tired = now_ns - awake_since_ns_ > kMostAwakeNs;
  if (wake_ns <= now_ns && !tired) return;
  alarm_.sleep_until(std::max(wake_ns, tired ? now_ns + kRestNs : wake_ns));
  awake_since_ns_ = monotonic_ns();
}

void ProberThread::prepare() {
  prctl(PR_SET_NAME, "ipmp-prober");
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  try {
    space_.enter();
    // Refused now and clearly, rather than with each probe.
    if (!Descriptor(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP))) fail("opening an ICMP socket");
  } catch (...) {
    failure_ = std::current_exception();
  }
  realtime_refusal_ = realtime_ ? enter_realtime(Priority::measure) : "not asked for";
  locking_refusal_ = lock_memory(share_.recorder.storage());
  if (locking_refusal_.empty()) locking_refusal_ = lock_stack();
  prepared_.count_down();
}

void ProberThread::change(std::vector<PathPlan> put, std::vector<std::uint32_t> removed) {
  give_order({std::move(put), std::move(removed), false});
}

void ProberThread::ask_statistics() {
  give_order({{}, {}, true});
}

void ProberThread::give_order(Order order) {
  {
    const std::lock_guard lock(orders_mutex_);
    orders_.push_back(std::move(order));
  }
  has_orders_.store(true, std::memory_order_release);
  alarm_.ring();
}

void ProberThread::take_orders() {
  std::vector<Order> orders;
  {
    const std::lock_guard lock(orders_mutex_);
    has_orders_.store(false, std::memory_order_release);
    orders.swap(orders_);
  }
  for (Order& order : orders) carry_out(order);
}

void ProberThread::carry_out(Order& order) {
  const std::int64_t now_ns = monotonic_ns();
  for (const auto id : order.removed) remove(id, now_ns);
  for (PathPlan& plan : order.put) put(std::move(plan), now_ns);
  follow_paces();
  if (order.statistics) send_statistics();
}

void ProberThread::put(PathPlan plan, std::int64_t now_ns) {
  const auto id = plan.id;
  const auto known = paths_.find(id);
  if (known != paths_.end()) {
    ProbePath& path = known->second.path;
    waiting_ -= path.waiting();
    path.adopt(std::move(plan), now_ns);
    waiting_ += path.waiting();
    return schedule(known->second);
  }
  PathMemory memory = std::move(memories_[{plan.index, plan.family}]);
  memories_.erase({plan.index, plan.family});
  const auto identifier = static_cast<std::uint16_t>(identifier_base_ + id);
  const auto [added, _] =
      paths_.try_emplace(id, Scheduled{{std::move(plan), std::move(memory), identifier, now_ns, share_}});
  schedule(added->second);
}

void ProberThread::remove(std::uint32_t id, std::int64_t now_ns) {
  const auto known = paths_.find(id);
  if (known == paths_.end()) return;
  ProbePath& path = known->second.path;
  waiting_ -= path.waiting();
  memories_[{path.plan().index, path.plan().family}] = std::move(path).remember(now_ns);
  // The lowest index is that of the card that was made first, and went.
  if (memories_.size() > kMostMemories) memories_.erase(memories_.begin());
  paths_.erase(known);
}

void ProberThread::schedule(Scheduled& entry) {
  entry.generation = ++generations_;
  schedule_.push({entry.path.next_ns(), entry.path.plan().id, entry.generation});
  if (schedule_.size() > kFewEntries + 2 * paths_.size()) rebuild_schedule();
}

// An entry that has been replaced would stay until its time, which may be tomorrow.
void ProberThread::rebuild_schedule() {
  std::vector<Due> valid;
  for (const auto& [id, entry] : paths_) valid.push_back({entry.path.next_ns(), id, entry.generation});
  schedule_ = decltype(schedule_)(std::greater<>(), std::move(valid));
}

void ProberThread::follow_paces() {
  std::int64_t shortest_ns = INT64_MAX;
  for (const auto& [id, entry] : paths_) shortest_ns = std::min(shortest_ns, entry.path.plan().interval_ns);
  patience_ns_ = std::clamp(shortest_ns / kPatienceParts, kLeastPatienceNs, kMostPatienceNs);
}

void ProberThread::send_statistics() {
  std::vector<double> numbers;
  for (const auto& [id, entry] : paths_) {
    for (const auto& target : entry.path.targets()) append_statistics(numbers, id, target);
    for (const auto& target : entry.path.former_targets()) append_statistics(numbers, id, target);
  }
  {
    const std::lock_guard lock(orders_mutex_);
    statistics_.push_back(std::move(numbers));
  }
  wake_reader();
}

std::optional<std::vector<double>> ProberThread::take_statistics() {
  const std::lock_guard lock(orders_mutex_);
  if (statistics_.empty()) return std::nullopt;
  auto oldest = std::move(statistics_.front());
  statistics_.erase(statistics_.begin());
  return oldest;
}

bool ProberThread::end_drain() {
  // A wake-up that it replaces was for what is looked at behind it.
  woken_.exchange(false, std::memory_order_seq_cst);
  {
    const std::lock_guard lock(orders_mutex_);
    if (share_.recorder.empty() && statistics_.empty()) return true;
  }
  // Where the thread has rung meanwhile another drain is under way already.
  return woken_.exchange(true, std::memory_order_seq_cst);
}

void ProberThread::fire_due(std::int64_t now_ns) {
  sent_ = false;
  stalled_ns_ = 0;
  while (next_due_ns() <= now_ns) {
    Scheduled& entry = paths_.at(schedule_.top().path);
    schedule_.pop();
    fire(entry, now_ns);
    schedule(entry);
    sent_ = true;
  }
  if (stalled_ns_ == 0) return;
  share_.stalls.fetch_add(1, std::memory_order_relaxed);
  share_.longest_stall_ns.store(std::max(stalled_ns_, share_.longest_stall_ns.load(std::memory_order_relaxed)),
                                std::memory_order_relaxed);
}

void ProberThread::fire(Scheduled& entry, std::int64_t now_ns) {
  ProbePath& path = entry.path;
  const bool was_open = path.socket() >= 0;
  int error = path.open();
  if (!was_open && error == 0) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = path.plan().id;
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, path.socket(), &event) != 0) {
      error = errno;
      // Nobody would ever read it.
      path.close();
    }
  }
  waiting_ -= path.waiting();
  stalled_ns_ = std::max(stalled_ns_, path.judge_due(now_ns));
  // Sending takes longer than to wake who waits for the verdict.
  if (share_.recorder.is_urgent()) wake_for_news();
  path.send_due(now_ns, error);
  waiting_ += path.waiting();
}

// A descriptor leaves the epoll set by itself when it is closed.
void ProberThread::drain() {
  epoll_event events[kEvents];
  for (int round = 0; round < kBatchesPerLook; ++round) {
    const int ready = epoll_wait(epoll_.number(), events, kEvents, 0);
    for (int i = 0; i < ready; ++i) {
      const auto known = paths_.find(events[i].data.u32);
      if (known != paths_.end()) drain_path(known->second.path);
    }
    if (ready < kEvents) return;
  }
}

// The kernel stamps by the clock that may be set. Both clocks are read behind the packets, so no stamp is of a later time.
void ProberThread::drain_path(ProbePath& path) {
  waiting_ -= path.waiting();
  for (int batch = 0; batch < kBatchesPerLook; ++batch) {
    const std::size_t count = receiving_.receive(path.socket());
    const std::int64_t now_ns = monotonic_ns();
    const std::int64_t stamps_ahead_ns = count == 0 ? 0 : clock_ns(CLOCK_REALTIME) - now_ns;
    for (std::size_t i = 0; i < count; ++i) {
      const auto packet = receiving_.packet(i);
      const std::int64_t received_ns = packet.stamped_ns == 0 ? now_ns : packet.stamped_ns - stamps_ahead_ns;
      path.take(packet, received_ns, now_ns);
    }
    if (count < kBatchPackets) break;
  }
  waiting_ += path.waiting();
}

void ProberThread::plan_next_look(std::int64_t now_ns) {
  if (sent_) look_after_ns_ = kFirstLookNs;
  else if (now_ns >= look_at_ns_) look_after_ns_ *= kLookFactor;
  else return;
  look_at_ns_ = now_ns + look_after_ns_;
}

std::int64_t ProberThread::next_due_ns() {
  while (!schedule_.empty()) {
    const Due& next = schedule_.top();
    const auto known = paths_.find(next.path);
    if (known != paths_.end() && known->second.generation == next.generation) return next.at_ns;
    schedule_.pop();
  }
  return Alarm::kNever;
}

std::int64_t ProberThread::next_wake_ns() {
  const std::int64_t due_ns = next_due_ns();
  if (waiting_ == 0 || look_at_ns_ + kSoonNs >= due_ns) return due_ns;
  return look_at_ns_;
}

// Losses at once. Answers where they would have to wait too long for the next round.
void ProberThread::tell_reader(std::int64_t now_ns) {
  Recorder& recorder = share_.recorder;
  if (!recorder.has_news()) return;
  const std::int64_t until_ns = std::max(now_ns, next_wake_ns());
  if (!recorder.is_urgent() && until_ns - recorder.oldest_ns() < patience_ns_) return;
  wake_for_news();
}

void ProberThread::wake_for_news() {
  share_.recorder.told();
  wake_reader();
}

void ProberThread::wake_reader() {
  if (!woken_.exchange(true, std::memory_order_seq_cst)) wake_();
}

}  // namespace ipmp
