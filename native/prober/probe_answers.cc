// The half of ProbePath that takes what comes back.
#include <algorithm>

#include "codec/arp.h"
#include "prober/probe_path.h"

namespace ipmp {
namespace {

// In place of an errno: it proves nothing.
constexpr std::uint32_t kStray = 1;
// One that counts, of a target whose plain frames go astray.
constexpr std::uint32_t kAstray = 2;

// In each step of a path.
constexpr std::size_t kMostStraysTold = 8;
constexpr std::size_t kMostHostsTold = 64;

IpAddress sender_of(const PacketAddress& from) {
  IpAddress address;
  address.family = static_cast<std::uint8_t>(from.any.sa_family);
  if (address.family == AF_INET) std::memcpy(address.octets.data(), &from.ipv4.sin_addr, 4);
  else std::memcpy(address.octets.data(), &from.ipv6.sin6_addr, 16);
  return address;
}

}  // namespace

void ProbePath::take(const ReceivedPacket& packet, std::int64_t received_ns, std::int64_t now_ns) {
  if (plan_.method == ProbeMethod::arp) take_arp(packet, received_ns, now_ns);
  else take_echo(packet, received_ns, now_ns);
}

void ProbePath::take_echo(const ReceivedPacket& packet, std::int64_t received_ns, std::int64_t now_ns) {
  const ByteView message = plan_.family == AF_INET ? ipv4_payload(packet.bytes) : packet.bytes;
  const auto reply = read_echo_reply(message, plan_.family, identifier_, share_.key);
  if (!reply || !reply->genuine) {
    share_.forged.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const ProbeMark& mark = reply->mark;
  if (mark.path != plan_.id) {
    share_.wrong_interface.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const IpAddress from = sender_of(*packet.from);
  switch (mark.purpose) {
    case ProbePurpose::count:
      return take_answer(mark, from, received_ns, now_ns);
    case ProbePurpose::measure:
      return take_measured(mark, from, received_ns, now_ns);
    case ProbePurpose::discover:
      // Each wakes who listens; more hosts than this nobody needs.
      if (++hosts_told_ > kMostHostsTold) return;
      ProbeRecord record = record_of(ProbeFate::discovered, 0, {0, mark.sent_ns, 0, State::none}, now_ns);
      record.from = from.octets;
      return report(record, now_ns);
  }
}

void ProbePath::take_measured(const ProbeMark& mark, const IpAddress& from, std::int64_t received_ns,
                              std::int64_t now_ns) {
  auto* target = find(mark.target);
  if (target == nullptr) return;
  if (from != target->plan.address) {
    ++target->counts.wrong_source;
    return;
  }
  // One leaves at a time, and one answer tells.
  if (mark.sent_ns <= last_measured_ns_) {
    ++target->counts.duplicate;
    return;
  }
  last_measured_ns_ = mark.sent_ns;
  ProbeRecord record = record_of(ProbeFate::measured, 0, {0, mark.sent_ns, mark.target, State::none}, now_ns);
  record.round_trip = milliseconds(std::clamp<std::int64_t>(received_ns - mark.sent_ns, 0, now_ns - mark.sent_ns));
  record.from = from.octets;
  target->counts.add_round_trip(record.round_trip);
  report(record, now_ns);
}

// Whatever proves nothing is reported as well: the judge tells people of it.
void ProbePath::take_answer(const ProbeMark& mark, const IpAddress& from, std::int64_t received_ns,
                            std::int64_t now_ns) {
  auto* target = find(mark.target);
  if (target == nullptr) return;
  Slot& slot = slot_of(mark.sequence);
  const bool is_known = slot.sequence == mark.sequence && slot.state != State::none;
  const bool is_right = from == target->plan.address;
  if (is_known && is_right && slot.state != State::answered) {
    note_answer(mark, *target, slot);
    return file_answer(*target, slot, received_ns, now_ns);
  }
  if (is_known && is_right && is_other_copy(mark, slot)) return note_answer(mark, *target, slot);
  if (!is_right) ++target->counts.wrong_source;
  else if (is_known) ++target->counts.duplicate;
  else ++target->counts.too_old;
  const Slot sent{mark.sequence, is_known ? slot.sent_ns : mark.sent_ns, mark.target, State::none};
  ProbeRecord record = record_of(ProbeFate::answered, mark.sequence, sent, now_ns);
  record.round_trip = milliseconds(std::max<std::int64_t>(0, received_ns - sent.sent_ns));
  record.from = from.octets;
  record.error = kStray;
  tell_stray(record, now_ns);
}

// The probe is answered already, but by the other of its two copies: nobody repeats anything.
bool ProbePath::is_other_copy(const ProbeMark& mark, const Slot& slot) {
  return mark.to_all != 0 ? !slot.heard_by_copy : !slot.heard_plainly;
}

void ProbePath::note_answer(const ProbeMark& mark, ProbedTarget& target, Slot& slot) {
  if (mark.to_all != 0) {
    slot.heard_by_copy = true;
    target.opinion.hear_by_copy();
    return;
  }
  slot.heard_plainly = true;
  target.opinion.hear_plainly();
  opinion_.hear_plainly();
}

// All are counted. Somebody may send them by the thousand, and what they tell is soon told.
void ProbePath::tell_stray(const ProbeRecord& record, std::int64_t now_ns) {
  if (++strays_told_ <= kMostStraysTold) report(record, now_ns);
}

void ProbePath::file_answer(ProbedTarget& target, Slot& slot, std::int64_t received_ns, std::int64_t now_ns) {
  const bool was_lost = slot.state == State::lost;
  end_waiting(slot, State::answered);
  ProbeRecord record = record_of(ProbeFate::answered, slot.sequence, slot, now_ns);
  // A stamp is of another clock, which may have been set meanwhile: never before the sending, never after now.
  record.round_trip = milliseconds(std::clamp<std::int64_t>(received_ns - slot.sent_ns, 0, now_ns - slot.sent_ns));
  record.from = target.plan.address.octets;
  record.error = target.opinion.is_astray() ? kAstray : 0;
  target.counts.add_answer(record.round_trip, was_lost);
  report(record, now_ns);
}

// ARP carries nothing of ours: a reply belongs to the latest question to that address that is still open.
void ProbePath::take_arp(const ReceivedPacket& packet, std::int64_t received_ns, std::int64_t now_ns) {
  const auto reply = read_arp_reply(packet.bytes, hardware_address_);
  if (!reply) return;
  const auto target = std::ranges::find(targets_, reply->address, [](const ProbedTarget& one) { return one.plan.address; });
  if (target == targets_.end()) return;
  target->hardware_address = reply->hardware_address;
  for (auto sequence = next_sequence_; sequence-- > oldest_waiting_;) {
    Slot& slot = slot_of(sequence);
    if (is_waiting(slot) && slot.target == target->plan.id) return file_answer(*target, slot, received_ns, now_ns);
  }
  ++target->counts.duplicate;
}

}  // namespace ipmp
