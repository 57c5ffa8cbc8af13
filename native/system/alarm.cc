#include "system/alarm.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace ipmp {

// A futex: with an absolute deadline there is no moment between looking at the clock and sleeping in which time is lost, and
// it costs less than a timer descriptor or epoll.
void Alarm::sleep_until(std::int64_t deadline_ns) {
  const timespec deadline{deadline_ns / 1'000'000'000, deadline_ns % 1'000'000'000};
  const timespec* limit = deadline_ns == kNever ? nullptr : &deadline;
  if (rung_.load(std::memory_order_acquire) == 0) {
    syscall(SYS_futex, &rung_, FUTEX_WAIT_BITSET_PRIVATE, 0, limit, nullptr, FUTEX_BITSET_MATCH_ANY);
  }
  rung_.store(0, std::memory_order_seq_cst);
}

void Alarm::ring() {
  if (rung_.exchange(1, std::memory_order_seq_cst) == 0) syscall(SYS_futex, &rung_, FUTEX_WAKE_PRIVATE, 1);
}

}  // namespace ipmp
