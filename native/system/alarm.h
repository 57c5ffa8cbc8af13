// Sleeps until a moment of CLOCK_MONOTONIC, or until another thread rings.
#pragma once

#include <atomic>
#include <cstdint>

namespace ipmp {

class Alarm {
 public:
  static constexpr std::int64_t kNever = INT64_MAX;

  // For the one sleeping thread. Returns at once where somebody has rung since the last return.
  void sleep_until(std::int64_t deadline_ns);
  // From any thread.
  void ring();

 private:
  std::atomic<std::uint32_t> rung_{0};
};

}  // namespace ipmp
