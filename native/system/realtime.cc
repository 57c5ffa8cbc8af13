#include "system/realtime.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cerrno>

namespace ipmp {
namespace {

// Deepest use seen is a few KiB.
constexpr std::size_t kStackBytes = 64 * 1024;

std::string reason(const char* call) {
  return std::string(call) + ": " + strerror(errno);
}

}  // namespace

std::string enter_realtime(Priority priority) {
  // Default slack (50 us) is a fifth of the short poll interval; real-time threads have none anyway.
  prctl(PR_SET_TIMERSLACK, 1);
  sched_param parameters{};
  parameters.sched_priority = static_cast<int>(priority);
  return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) == 0 ? "" : reason("sched_setscheduler");
}

// Not mlockall(MCL_FUTURE): that would populate the gigabytes which V8 only reserves.
std::string lock_memory(ByteView bytes) {
  return mlock(bytes.data(), bytes.size()) == 0 ? "" : reason("mlock");
}

std::string lock_stack() {
  volatile std::uint8_t room[kStackBytes];
  for (std::size_t i = 0; i < sizeof room; i += 4096) room[i] = 0;
  return lock_memory(ByteView(const_cast<const std::uint8_t*>(room), sizeof room));
}

}  // namespace ipmp
