// What the driver of one link says of its carrier, weighed against what the kernel says.
//
//   unproven ──driver: link──> agreed ──driver: no link──> denied ──link for a while──> agreed
//       ^                                                    │
//       └──── kernel: carrier ──── lost <── kernel: none ────┤ (from everywhere)
//                                                            └──kernel disagrees for long──> disbelieved, for good
//
// A driver is heard only once it has agreed with the kernel that there is a link: one that never tells of a link says nothing by it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace ipmp {

class Testimony {
 public:
  Testimony(std::uint32_t index, std::string name, bool carrier)
      : index(index), name(std::move(name)), belief_(carrier ? Belief::unproven : Belief::lost) {}

  const std::uint32_t index;
  // As it was when the watch began.
  const std::string name;

  // There is no carrier, although the kernel says so.
  bool denies() const { return belief_.load(std::memory_order_acquire) == Belief::denied; }
  bool is_disbelieved() const { return belief_.load(std::memory_order_acquire) == Belief::disbelieved; }

  // I/O thread only: a counter of the kernel has moved. It knows now, or knows better.
  void kernel_says(bool carrier);

  // The remaining calls are for the thread that asks the driver.

  // Where the kernel says that there is no carrier there is nothing to be learnt.
  bool is_wanted() const;
  // The driver's answer, or nothing where it gave none. True where what the testimony denies has changed by it.
  bool hear(std::optional<bool> link, std::int64_t now_ns);

 private:
  enum class Belief { lost, unproven, agreed, denied, disbelieved };

  bool hear_again(std::optional<bool> link, std::int64_t now_ns);
  bool turn(Belief from, Belief to) { return belief_.compare_exchange_strong(from, to, std::memory_order_acq_rel); }

  std::atomic<Belief> belief_;
  // While it denies: since when the kernel could have agreed, and how often in a row the driver has said "link" again.
  std::int64_t since_ns_ = 0;
  int links_in_a_row_ = 0;
};

}  // namespace ipmp
