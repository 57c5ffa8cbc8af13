// The two clocks of the kernel that matter: the one that never jumps, and the one of its time stamps.
#pragma once

#include <time.h>

#include <cstdint>

namespace ipmp {

inline std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

inline std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return nanoseconds(now);
}

inline std::int64_t monotonic_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

}  // namespace ipmp
