// One source on one link and its targets: what is under way, what became of it.
#pragma once

#include <optional>
#include <unordered_map>

#include "codec/echo.h"
#include "prober/pace.h"
#include "prober/plan.h"
#include "prober/recorder.h"
#include "prober/rounds.h"
#include "prober/second_opinion.h"
#include "prober/target_counts.h"
#include "system/descriptor.h"
#include "system/packet_batch.h"

namespace ipmp {

// What all paths of a thread share.
struct ProberShare {
  SipKey key;
  Dice dice;
  Recorder recorder;
  SendBatch sending;
  // Where copies to all leave, of all paths; opened for the first of them.
  Descriptor copies{};
  std::atomic<std::uint64_t> stalls{0};
  std::atomic<std::int64_t> longest_stall_ns{0};
  std::atomic<std::uint64_t> unsent{0};
  std::atomic<std::uint64_t> forged{0};
  std::atomic<std::uint64_t> wrong_interface{0};
};

struct ProbedTarget {
  PlannedTarget plan;
  TargetCounts counts;
  // Of ARP: whom it is asked, once it has answered; until then everybody.
  std::optional<HardwareAddress> hardware_address;
  SecondOpinion opinion{};
};

// What outlives the absence of a path: its numbers go on, and so does what was counted.
struct PathMemory {
  std::uint64_t next_sequence = 1;
  IpAddress source;
  // Targets that are not asked at present, the latest to go last.
  std::vector<ProbedTarget> targets;
};

class ProbePath {
 public:
  ProbePath(PathPlan plan, PathMemory memory, std::uint16_t identifier, std::int64_t now_ns, ProberShare& share);

  // A new plan for the same path; sequence numbers and statistics go on.
  void adopt(PathPlan plan, std::int64_t now_ns);

  const PathPlan& plan() const { return plan_; }
  std::int64_t next_ns() const { return pace_.next_ns(); }
  // Of a path that ends.
  PathMemory remember(std::int64_t now_ns) &&;
  const std::vector<ProbedTarget>& targets() const { return targets_; }
  // Asked before, but not at present. Those from before the path was absent have no id (0).
  const std::vector<ProbedTarget>& former_targets() const { return former_targets_; }
  // Probes that may still be answered in time.
  std::size_t waiting() const { return waiting_; }
  // -1 where there is none.
  int socket() const { return socket_.number(); }

  // Opens the socket where there is none: 0 or the errno of why not.
  int open();
  void close() { socket_ = Descriptor(); }
  // What is due at `now_ns`, in two parts: judges the last probes, for which the sockets must have been read; then sends the next.
  // `socket_error`: that of open(), with which nothing can be sent. The first tells by how much we are late, where that kept
  // probes from being sent or judged; else 0.
  std::int64_t judge_due(std::int64_t now_ns);
  void send_due(std::int64_t now_ns, int socket_error);
  // `received_ns`: monotonic, by the kernel's stamp.
  void take(const ReceivedPacket& packet, std::int64_t received_ns, std::int64_t now_ns);

 private:
  enum class State : std::uint8_t { none, waiting, deferred, answered, lost, unsent };

  struct Slot {
    std::uint64_t sequence = 0;
    std::int64_t sent_ns = 0;
    std::uint32_t target = 0;
    State state = State::none;
    // Which of the two was answered: the probe, and its copy to all.
    bool heard_plainly = false;
    bool heard_by_copy = false;
  };

  struct Sent {
    ProbePurpose purpose;
    std::uint64_t sequence;
  };

  static bool is_waiting(const Slot& slot) { return slot.state == State::waiting || slot.state == State::deferred; }
  Slot& slot_of(std::uint64_t sequence) { return slots_[sequence & (slots_.size() - 1)]; }
  // That of none is the number of targets.
  std::size_t place_of(std::uint32_t id) const;
  ProbedTarget* find(std::uint32_t id);
  void take_targets(const std::vector<PlannedTarget>& planned);
  std::size_t after(std::uint32_t id) const;

  bool is_late(std::int64_t now_ns) const;
  void miss(const Step& step, bool told, std::int64_t now_ns);
  bool judge(std::int64_t now_ns, bool late);
  bool is_over(const Slot& slot, std::int64_t now_ns);
  void give_up(std::uint64_t sequence, Slot& slot, std::int64_t now_ns);
  void count(std::int64_t now_ns, int socket_error);
  std::uint64_t begin_probe(ProbedTarget& target, std::int64_t sent_ns);
  void measure();
  void discover();
  void ask_all(std::uint64_t sequence);
  void review_copied();
  void put_on_wire(ProbePurpose purpose, std::uint64_t sequence, std::uint32_t target, const PacketAddress& to);
  void ask_by_arp(const ProbedTarget& target, std::uint64_t sequence);
  void flush();
  std::int64_t sent_between(std::int64_t began_ns, std::int64_t ended_ns);
  void settle_sent(const Sent& sent, std::int64_t sent_ns, int error);
  void refuse(std::uint64_t sequence, Slot& slot, int error, std::int64_t now_ns);
  void forget_waiting(std::int64_t now_ns);
  void look_anew(ProbedTarget& target);
  void end_waiting(Slot& slot, State state);

  void take_echo(const ReceivedPacket& packet, std::int64_t received_ns, std::int64_t now_ns);
  void take_arp(const ReceivedPacket& packet, std::int64_t received_ns, std::int64_t now_ns);
  void take_measured(const ProbeMark& mark, const IpAddress& from, std::int64_t received_ns, std::int64_t now_ns);
  void take_answer(const ProbeMark& mark, const IpAddress& from, std::int64_t received_ns, std::int64_t now_ns);
  void tell_stray(const ProbeRecord& record, std::int64_t now_ns);
  static bool is_other_copy(const ProbeMark& mark, const Slot& slot);
  void note_answer(const ProbeMark& mark, ProbedTarget& target, Slot& slot);
  void file_answer(ProbedTarget& target, Slot& slot, std::int64_t received_ns, std::int64_t now_ns);
  ProbeRecord record_of(ProbeFate fate, std::uint64_t sequence, const Slot& slot, std::int64_t now_ns) const;
  void report(const ProbeRecord& record, std::int64_t now_ns) { share_.recorder.record(record, now_ns); }

  PathPlan plan_;
  ProberShare& share_;
  const std::uint16_t identifier_;
  Pace pace_;
  std::vector<ProbedTarget> targets_;
  Rounds rounds_;
  std::vector<ProbedTarget> former_targets_;
  // By id.
  std::unordered_map<std::uint32_t, std::size_t> places_;
  // By sequence number; a power of two of them.
  std::vector<Slot> slots_;
  std::uint64_t next_sequence_;
  // No probe before this one is waiting.
  std::uint64_t oldest_waiting_;
  // The first of those that left last: they are given their whole time.
  std::uint64_t latest_;
  std::size_t waiting_ = 0;
  SecondOpinion opinion_;
  // The latest that left twice; 0 before the first.
  std::uint64_t last_copied_ = 0;
  std::uint32_t last_measured_ = 0;
  // Told since the last step.
  std::size_t strays_told_ = 0;
  std::size_t hosts_told_ = 0;
  // When the latest of those that only measure, and were answered, had been sent.
  std::int64_t last_measured_ns_ = 0;
  Descriptor socket_;
  // Of ARP: that of our link.
  HardwareAddress hardware_address_{};
  // That are due, the present one last.
  std::vector<Step> steps_;
  std::vector<Sent> sent_;
};

}  // namespace ipmp
