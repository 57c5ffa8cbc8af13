#include "prober/target_counts.h"

#include <algorithm>
#include <cmath>

namespace ipmp {

void LossWindow::add(bool lost) {
  if (filled_ == kProbes) losses_ -= lost_[next_];
  else ++filled_;
  lost_[next_] = lost;
  losses_ += lost;
  next_ = (next_ + 1) % kProbes;
}

double LossWindow::rate() const {
  if (filled_ == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(losses_) / filled_;
}

void TargetCounts::add_answer(double round_trip_ms, bool was_lost) {
  ++answered;
  // In the window it stays lost: it was not there in time.
  if (was_lost) --lost, ++late;
  else window_.add(false);
  add_round_trip(round_trip_ms);
}

void TargetCounts::add_loss() {
  ++lost;
  window_.add(true);
}

void TargetCounts::add_round_trip(double round_trip_ms) {
  if (std::isnan(mean_)) {
    mean_ = minimum_ = maximum_ = round_trip_ms;
    deviation_ = round_trip_ms / 2;
    return;
  }
  const double error = round_trip_ms - mean_;
  mean_ += error / 8;
  deviation_ += (std::abs(error) - deviation_) / 4;
  minimum_ = std::min(minimum_, round_trip_ms);
  maximum_ = std::max(maximum_, round_trip_ms);
}

}  // namespace ipmp
