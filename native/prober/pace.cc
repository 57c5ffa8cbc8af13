#include "prober/pace.h"

#include <algorithm>
#include <bit>

namespace ipmp {
namespace {

// An eighth of a step leaves jitter enough; a long step needs no more moments than this gives it.
constexpr std::int64_t kQuantaPerStep = 8;
constexpr std::uint64_t kLongestQuantumNs = 1 << 25;
// Finer than any wake-up: below, there is nothing to share.
constexpr std::uint64_t kShortestQuantumNs = 1 << 14;

}  // namespace

std::int64_t Dice::below(std::int64_t limit) {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  const auto drawn = state_ * 0x2545f4914f6cdd1d;
  return static_cast<std::int64_t>((static_cast<unsigned __int128>(drawn) * static_cast<std::uint64_t>(limit)) >> 64);
}

// Powers of two: the moments of slow paths are among those of fast ones.
std::int64_t quantum_of(std::int64_t interval_ns) {
  const auto share = static_cast<std::uint64_t>(interval_ns / kQuantaPerStep);
  if (share < kShortestQuantumNs) return 1;
  return static_cast<std::int64_t>(std::min(std::bit_floor(share), kLongestQuantumNs));
}

Pace::Pace(std::int64_t interval_ns, std::int64_t detection_interval_ns, std::int64_t now_ns, Dice& dice)
    : interval_ns_(interval_ns),
      detection_interval_ns_(detection_interval_ns),
      grid_ns_(now_ns + dice.below(detection_interval_ns + 1)),
      next_ns_(grid_ns_),
      counted_ns_(grid_ns_),
      last_counted_ns_(INT64_MIN / 2) {}

void Pace::adopt(std::int64_t interval_ns, std::int64_t detection_interval_ns, std::int64_t now_ns) {
  interval_ns_ = interval_ns;
  detection_interval_ns_ = detection_interval_ns;
  grid_ns_ = std::min(grid_ns_, now_ns + interval_ns_);
  next_ns_ = std::min(next_ns_, grid_ns_ + interval_ns_);
  counted_ns_ = std::min(counted_ns_, last_counted_ns_ + detection_interval_ns_);
}

void Pace::take_steps(std::int64_t now_ns, std::vector<Step>& steps, Dice& dice) {
  const std::int64_t late = std::max<std::int64_t>(0, (now_ns - next_ns_) / interval_ns_);
  const std::int64_t told = std::min(late, kMostMissedTold);
  grid_ns_ += (late - told) * interval_ns_;
  steps.clear();
  for (std::int64_t i = 0; i <= told; ++i) steps.push_back(take_step());
  next_ns_ = displaced(dice);
  // After a sleep that place may be over; the end of the step never is.
  if (next_ns_ <= now_ns) next_ns_ = grid_ns_ + interval_ns_;
}

Step Pace::take_step() {
  const std::int64_t due = grid_ns_;
  const bool counted = detection_interval_ns_ <= interval_ns_ || due >= counted_ns_;
  grid_ns_ += interval_ns_;
  if (counted) {
    last_counted_ns_ = due;
    counted_ns_ = std::max(counted_ns_ + detection_interval_ns_, due);
  }
  return {due, counted};
}

// Half a step to a whole one behind the grid, on the common grid of all paths.
std::int64_t Pace::displaced(Dice& dice) const {
  const std::int64_t half = interval_ns_ / 2;
  const std::int64_t quantum = quantum_of(interval_ns_);
  const std::int64_t drawn = grid_ns_ + half + dice.below(half + 1);
  const std::int64_t moment = drawn - drawn % quantum;
  return moment < grid_ns_ + half ? moment + quantum : moment;
}

}  // namespace ipmp
