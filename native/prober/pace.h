// When the probes of one path leave: a strictly periodic grid, each displaced from it by half to a whole step, so that paths do not
// fire together, and no regular disturbance hits all probes of one.
#pragma once

#include <cstdint>
#include <vector>

namespace ipmp {

// xorshift64*: fast, and good enough to spread probes.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed | 1) {}
  // 0..limit-1; limit > 0
  std::int64_t below(std::int64_t limit);

 private:
  std::uint64_t state_;
};

struct Step {
  std::int64_t due_ns;
  // The turn of probes that count for failure; else of one that only measures.
  bool counted;
};

class Pace {
 public:
  // After a long sleep only as many steps are accounted for as any history holds.
  static constexpr std::int64_t kMostMissedTold = 52;

  // The first step comes within one detection interval.
  Pace(std::int64_t interval_ns, std::int64_t detection_interval_ns, std::int64_t now_ns, Dice& dice);

  // Another rhythm: the grid stays, unless its next step were later than one new step from now.
  void adopt(std::int64_t interval_ns, std::int64_t detection_interval_ns, std::int64_t now_ns);

  std::int64_t next_ns() const { return next_ns_; }
  std::int64_t interval_ns() const { return interval_ns_; }

  // Moves on past `now_ns`. One entry for each step that was due, oldest first, all but the last of which were missed.
  void take_steps(std::int64_t now_ns, std::vector<Step>& steps, Dice& dice);

 private:
  Step take_step();
  std::int64_t displaced(Dice& dice) const;

  std::int64_t interval_ns_;
  std::int64_t detection_interval_ns_;
  std::int64_t grid_ns_;
  std::int64_t next_ns_;
  // When the next counted probe is due, and when the last one was.
  std::int64_t counted_ns_;
  std::int64_t last_counted_ns_;
};

// Moments are whole multiples of this, so that those of many paths fall together and share a wake-up.
std::int64_t quantum_of(std::int64_t interval_ns);

}  // namespace ipmp
