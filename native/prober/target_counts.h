// What is counted of one target.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace ipmp {

// The fates of the latest probes, one place each.
class LossWindow {
 public:
  static constexpr std::uint32_t kProbes = 100;

  void add(bool lost);
  // 0..1; NaN before the first.
  double rate() const;

 private:
  std::array<bool, kProbes> lost_{};
  std::uint32_t next_ = 0;
  std::uint32_t filled_ = 0;
  std::uint32_t losses_ = 0;
};

class TargetCounts {
 public:
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t lost = 0;
  std::uint64_t unsent = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t wrong_source = 0;
  // Answered after it had been given up; and beyond memory.
  std::uint64_t late = 0;
  std::uint64_t too_old = 0;

  // The first answer to a probe; `was_lost` where it had been given up.
  void add_answer(double round_trip_ms, bool was_lost);
  void add_loss();
  // Of a probe that only measures.
  void add_round_trip(double round_trip_ms);

  // Smoothed mean and mean deviation (RFC 6298), least and greatest; NaN before the first answer. In ms.
  double mean() const { return mean_; }
  double deviation() const { return deviation_; }
  double minimum() const { return minimum_; }
  double maximum() const { return maximum_; }
  double loss_rate() const { return window_.rate(); }

 private:
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  LossWindow window_;
  double mean_ = kNone;
  double deviation_ = kNone;
  double minimum_ = kNone;
  double maximum_ = kNone;
};

}  // namespace ipmp
