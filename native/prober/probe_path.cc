#include "prober/probe_path.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <map>

#include "codec/arp.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/probe_socket.h"

namespace ipmp {
namespace {

// Ten rounds over five targets, as the judge remembers, and more.
constexpr std::size_t kLeastSlots = 64;
// Steps of a burst in which an answer can still be told from one that came too late.
constexpr std::size_t kBurstsRemembered = 8;
// The latest, those before that are looked at once more, and the one about to leave.
constexpr std::size_t kBurstsUnderWay = 4;

// A part of a step, by which a look at the sockets may be late without a doubt about what was found there.
constexpr std::int64_t kLatenessParts = 4;

// Of hosts that come and go only the latest are remembered.
constexpr std::size_t kMostFormerTargets = 32;

constexpr std::array<std::uint8_t, 16> kAllHosts4{224, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kAllNodes6{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

IpAddress all_hosts(std::uint8_t family) {
  return {family, family == AF_INET ? kAllHosts4 : kAllNodes6};
}

// The socket itself is useless now: the address or the link behind it has changed.
bool is_stale(int error) {
  return error == ENODEV || error == ENXIO || error == EINVAL || error == EADDRNOTAVAIL;
}

}  // namespace

ProbePath::ProbePath(PathPlan plan, PathMemory memory, std::uint16_t identifier, std::int64_t now_ns, ProberShare& share)
    : plan_(std::move(plan)),
      share_(share),
      identifier_(identifier),
      pace_(plan_.interval_ns, plan_.detection_interval_ns, now_ns, share.dice),
      slots_(std::bit_ceil(std::max(kLeastSlots, plan_.burst * kBurstsRemembered))),
      next_sequence_(memory.next_sequence),
      oldest_waiting_(memory.next_sequence),
      latest_(memory.next_sequence) {
  if (memory.source == plan_.source) former_targets_ = std::move(memory.targets);
  take_targets(plan_.targets);
  steps_.reserve(static_cast<std::size_t>(Pace::kMostMissedTold) + 1);
}

void ProbePath::adopt(PathPlan plan, std::int64_t now_ns) {
  const bool same_socket = plan.index == plan_.index && plan.source == plan_.source && plan.method == plan_.method;
  if (!same_socket) {
    socket_ = Descriptor();
    forget_waiting(now_ns);
  }
  take_targets(plan.targets);
  pace_.adopt(plan.interval_ns, plan.detection_interval_ns, now_ns);
  if (plan.burst != plan_.burst) {
    socket_ = Descriptor();
    forget_waiting(now_ns);
    slots_.assign(std::bit_ceil(std::max(kLeastSlots, plan.burst * kBurstsRemembered)), Slot{});
  }
  plan_ = std::move(plan);
}

// What was counted goes on, also of those that were not asked for a while.
void ProbePath::take_targets(const std::vector<PlannedTarget>& planned) {
  std::vector<ProbedTarget> known = std::move(former_targets_);
  std::ranges::move(targets_, std::back_inserter(known));
  std::map<IpAddress, std::size_t> places;
  for (std::size_t i = 0; i < known.size(); ++i) places[known[i].plan.address] = i;
  targets_.clear();
  for (const auto& plan : planned) {
    const auto place = places.extract(plan.address);
    targets_.push_back(place.empty() ? ProbedTarget{plan, {}, {}, {}} : std::move(known[place.mapped()]));
    targets_.back().plan = plan;
  }
  former_targets_.clear();
  std::vector<std::size_t> rest;
  for (const auto& [_, place] : places) rest.push_back(place);
  std::ranges::sort(rest);
  const std::size_t first = rest.size() - std::min(rest.size(), kMostFormerTargets);
  for (std::size_t i = first; i < rest.size(); ++i) former_targets_.push_back(std::move(known[rest[i]]));
  places_.clear();
  for (std::size_t i = 0; i < targets_.size(); ++i) places_[targets_[i].plan.id] = i;
}

// By another id, where the path comes again.
PathMemory ProbePath::remember(std::int64_t now_ns) && {
  forget_waiting(now_ns);
  std::ranges::move(targets_, std::back_inserter(former_targets_));
  for (auto& target : former_targets_) target.plan.id = 0;
  return {next_sequence_, plan_.source, std::move(former_targets_)};
}

int ProbePath::open() {
  if (socket_) return 0;
  try {
    if (plan_.method == ProbeMethod::arp) {
      hardware_address_ = hardware_address_of(plan_.index);
      socket_ = open_arp_socket(plan_.index);
    } else {
      socket_ = open_echo_socket(plan_.index, plan_.source, identifier_, plan_.burst == 1);
    }
    return 0;
  } catch (const SystemError& refusal) {
    return refusal.error;
  }
}

// Ids are given out from 1 on, so that in a list that stays as it was the first look hits.
std::size_t ProbePath::place_of(std::uint32_t id) const {
  if (id - 1 < targets_.size() && targets_[id - 1].plan.id == id) return id - 1;
  const auto found = places_.find(id);
  return found == places_.end() ? targets_.size() : found->second;
}

ProbedTarget* ProbePath::find(std::uint32_t id) {
  const auto place = place_of(id);
  if (place < targets_.size()) return &targets_[place];
  // Its last probes may be under way.
  const auto former = std::ranges::find(former_targets_, id, [](const ProbedTarget& target) { return target.plan.id; });
  return former == former_targets_.end() || id == 0 ? nullptr : &*former;
}

// The place of the target whose turn it is behind this one; the first where that has gone.
std::size_t ProbePath::after(std::uint32_t id) const {
  const auto next = place_of(id) + 1;
  return next < targets_.size() ? next : 0;
}

bool ProbePath::is_late(std::int64_t now_ns) const {
  return now_ns - pace_.next_ns() > pace_.interval_ns() / kLatenessParts;
}

std::int64_t ProbePath::judge_due(std::int64_t now_ns) {
  const bool late = is_late(now_ns);
  const std::int64_t lateness_ns = now_ns - pace_.next_ns();
  strays_told_ = 0;
  hosts_told_ = 0;
  pace_.take_steps(now_ns, steps_, share_.dice);
  const bool deferred = steps_.back().counted && judge(now_ns, late);
  return deferred || steps_.size() > 1 ? lateness_ns : 0;
}

void ProbePath::send_due(std::int64_t now_ns, int socket_error) {
  const Step present = steps_.back();
  steps_.pop_back();
  // As many as there is memory for beside those under way; more are only counted.
  const std::size_t most_told = slots_.size() / plan_.burst - kBurstsUnderWay;
  for (std::size_t i = 0; i < steps_.size(); ++i) miss(steps_[i], steps_.size() - i <= most_told, now_ns);
  if (present.counted) count(now_ns, socket_error);
  else if (socket_error == 0) measure();
  flush();
  if (plan_.second_opinion && present.counted && latest_ < next_sequence_) ask_all(latest_);
  if (plan_.discover && socket_error == 0 && socket_) discover();
  flush();
}

// A step at which we were not there.
void ProbePath::miss(const Step& step, bool told, std::int64_t now_ns) {
  if (!step.counted || targets_.empty()) return;
  for (std::uint32_t i = 0; i < plan_.burst; ++i) {
    ProbedTarget& target = targets_[rounds_.next(targets_.size(), share_.dice)];
    ++target.counts.unsent;
    share_.unsent.fetch_add(1, std::memory_order_relaxed);
    if (!told) continue;
    const auto sequence = begin_probe(target, step.due_ns);
    Slot& slot = slot_of(sequence);
    slot.state = State::unsent;
    report(record_of(ProbeFate::unsent, sequence, slot, now_ns), now_ns);
  }
}

// The sockets have been read. But when we come late the answers, too, may be late for the same reason (the whole machine stood
// still, and its network has only begun to work again): each probe is given one more look then, and one only.
// True where one was.
bool ProbePath::judge(std::int64_t now_ns, bool late) {
  bool deferred = false;
  for (auto sequence = oldest_waiting_; sequence < next_sequence_; ++sequence) {
    Slot& slot = slot_of(sequence);
    if (!is_waiting(slot) || !is_over(slot, now_ns)) continue;
    if (late && slot.state == State::waiting) {
      slot.state = State::deferred;
      deferred = true;
    } else {
      give_up(sequence, slot, now_ns);
    }
  }
  while (oldest_waiting_ < next_sequence_ && !is_waiting(slot_of(oldest_waiting_))) ++oldest_waiting_;
  return deferred;
}

// The latest are given their whole time, all before them have had enough.
bool ProbePath::is_over(const Slot& slot, std::int64_t now_ns) {
  if (slot.sequence < latest_) return true;
  const auto* target = find(slot.target);
  return target == nullptr || now_ns >= slot.sent_ns + target->plan.timeout_ns;
}

void ProbePath::give_up(std::uint64_t sequence, Slot& slot, std::int64_t now_ns) {
  end_waiting(slot, State::lost);
  auto* target = find(slot.target);
  if (target == nullptr) return;
  target->counts.add_loss();
  // A target that has been silent for long says nothing of the others.
  if (!target->opinion.is_doubted()) opinion_.lose();
  target->opinion.lose();
  look_anew(*target);
  report(record_of(ProbeFate::lost, sequence, slot, now_ns), now_ns);
}

// Either hardware address may be another one by now.
void ProbePath::look_anew(ProbedTarget& target) {
  if (plan_.method != ProbeMethod::arp) return;
  target.hardware_address.reset();
  try {
    hardware_address_ = hardware_address_of(plan_.index);
  } catch (const SystemError&) {
    // The link has gone, and its paths are about to.
  }
}

void ProbePath::end_waiting(Slot& slot, State state) {
  if (is_waiting(slot)) --waiting_;
  slot.state = state;
}

void ProbePath::forget_waiting(std::int64_t now_ns) {
  for (; oldest_waiting_ < next_sequence_; ++oldest_waiting_) {
    Slot& slot = slot_of(oldest_waiting_);
    if (!is_waiting(slot)) continue;
    end_waiting(slot, State::unsent);
    auto* target = find(slot.target);
    if (target == nullptr) continue;
    --target->counts.sent;
    ++target->counts.unsent;
    report(record_of(ProbeFate::unsent, oldest_waiting_, slot, now_ns), now_ns);
  }
}

std::uint64_t ProbePath::begin_probe(ProbedTarget& target, std::int64_t sent_ns) {
  last_measured_ = target.plan.id;
  const auto sequence = next_sequence_++;
  slot_of(sequence) = {sequence, sent_ns, target.plan.id, State::none};
  return sequence;
}

void ProbePath::count(std::int64_t now_ns, int socket_error) {
  latest_ = next_sequence_;
  for (std::uint32_t i = 0; i < plan_.burst && !targets_.empty(); ++i) {
    ProbedTarget& target = targets_[rounds_.next(targets_.size(), share_.dice)];
    const auto sequence = begin_probe(target, now_ns);
    if (socket_error != 0) refuse(sequence, slot_of(sequence), socket_error, now_ns);
    else if (plan_.method == ProbeMethod::arp) ask_by_arp(target, sequence);
    else put_on_wire(ProbePurpose::count, sequence, target.plan.id, destination_of(target.plan.address, plan_.index));
  }
}

void ProbePath::measure() {
  if (targets_.empty() || plan_.method == ProbeMethod::arp) return;
  const auto& target = targets_[after(last_measured_)].plan;
  last_measured_ = target.id;
  put_on_wire(ProbePurpose::measure, 0, target.id, destination_of(target.address, plan_.index));
}

void ProbePath::discover() {
  if (plan_.method == ProbeMethod::arp) return;
  put_on_wire(ProbePurpose::discover, 0, 0, destination_of(all_hosts(plan_.family), plan_.index));
}

void ProbePath::put_on_wire(ProbePurpose purpose, std::uint64_t sequence, std::uint32_t target, const PacketAddress& to) {
  if (share_.sending.full()) flush();
  EchoMessage message;
  const ProbeMark mark{purpose, plan_.id, target, 0, sequence, monotonic_ns()};
  write_echo_request(message, plan_.family, identifier_, mark, share_.key);
  share_.sending.add(message, to);
  sent_.push_back({purpose, sequence});
}

void ProbePath::ask_by_arp(const ProbedTarget& target, std::uint64_t sequence) {
  if (share_.sending.full()) flush();
  const auto to = link_destination(ETH_P_ARP, target.hardware_address.value_or(kBroadcastHardwareAddress), plan_.index);
  share_.sending.add(arp_question(hardware_address_, target.plan.address), to);
  sent_.push_back({ProbePurpose::count, sequence});
}

// Where only the copy was answered the plain frame went astray.
void ProbePath::review_copied() {
  const Slot& slot = slot_of(last_copied_);
  if (slot.sequence != last_copied_ || !slot.heard_by_copy || slot.heard_plainly) return;
  opinion_.lose();
  if (auto* target = find(slot.target)) target->opinion.go_astray();
}

// The first of those that have just left, past the kernel's table of neighbours. What is refused here was only a second try.
void ProbePath::ask_all(std::uint64_t sequence) {
  review_copied();
  const Slot& slot = slot_of(sequence);
  auto* target = find(slot.target);
  if (target == nullptr || !is_waiting(slot)) return;
  if (!opinion_.is_doubted() && !target->opinion.is_doubted()) return;
  if (!target->opinion.take_turn()) return;
  last_copied_ = sequence;
  if (!share_.copies) share_.copies = open_copy_socket();
  EchoMessage message;
  const ProbeMark mark{ProbePurpose::count, plan_.id, slot.target, 1, sequence, monotonic_ns()};
  write_echo_request(message, plan_.family, identifier_, mark, share_.key);
  const IpAddress& address = target->plan.address;
  const std::uint16_t protocol = plan_.family == AF_INET ? ETH_P_IP : ETH_P_IPV6;
  const auto to = link_destination(protocol, hardware_address_of_all(address), plan_.index);
  share_.sending.add(echo_packet(message, plan_.source, address), to);
  share_.sending.send(share_.copies.number());
  share_.sending.clear();
}

// One system call takes longer for many packets than any of them is under way: each is given its share of that time.
void ProbePath::flush() {
  if (sent_.empty()) return;
  const std::int64_t began = monotonic_ns();
  share_.sending.send(socket_.number());
  const auto count = static_cast<std::int64_t>(sent_.size());
  const std::int64_t ended = monotonic_ns();
  const std::int64_t first = count == 1 ? sent_between(began, ended) : began;
  bool stale = false;
  for (std::int64_t i = 0; i < count; ++i) {
    const int error = share_.sending.error(static_cast<std::size_t>(i));
    settle_sent(sent_[static_cast<std::size_t>(i)], first + i * (ended - began) / count, error);
    stale = stale || is_stale(error);
  }
  share_.sending.clear();
  sent_.clear();
  if (stale) socket_ = Descriptor();
}

// By the kernel's stamp, where it gives one that can be true.
std::int64_t ProbePath::sent_between(std::int64_t began_ns, std::int64_t ended_ns) {
  if (plan_.method == ProbeMethod::arp || plan_.burst > 1) return began_ns;
  const std::int64_t stamps_ahead_ns = clock_ns(CLOCK_REALTIME) - monotonic_ns();
  // One of an earlier packet may have come late, and stands before.
  for (auto stamp_ns = next_sent_stamp(socket_.number()); stamp_ns != 0; stamp_ns = next_sent_stamp(socket_.number())) {
    const std::int64_t sent_ns = stamp_ns - stamps_ahead_ns;
    if (sent_ns >= began_ns) return std::min(sent_ns, ended_ns);
  }
  return began_ns;
}

void ProbePath::settle_sent(const Sent& sent, std::int64_t sent_ns, int error) {
  if (sent.purpose != ProbePurpose::count) return;
  Slot& slot = slot_of(sent.sequence);
  slot.sent_ns = sent_ns;
  if (error != 0) return refuse(sent.sequence, slot, error, sent_ns);
  slot.state = State::waiting;
  ++waiting_;
  if (auto* target = find(slot.target)) ++target->counts.sent;
}

void ProbePath::refuse(std::uint64_t sequence, Slot& slot, int error, std::int64_t now_ns) {
  slot.state = State::unsent;
  if (auto* target = find(slot.target)) ++target->counts.unsent;
  auto record = record_of(ProbeFate::refused, sequence, slot, now_ns);
  record.error = static_cast<std::uint32_t>(error);
  report(record, now_ns);
}

ProbeRecord ProbePath::record_of(ProbeFate fate, std::uint64_t sequence, const Slot& slot, std::int64_t now_ns) const {
  return {fate, plan_.id, slot.target, 0, static_cast<double>(sequence), milliseconds(slot.sent_ns), 0,
          milliseconds(now_ns), {}};
}

}  // namespace ipmp
