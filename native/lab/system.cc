#include "lab/system.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace lab {

namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

void enter(const char* path) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_errno(std::string("open ") + path);
  if (setns(descriptor, CLONE_NEWNET) != 0) fail_errno(std::string("setns ") + path);
  close(descriptor);
}

}  // namespace

int64_t monotonic_ns() { return read_clock(CLOCK_MONOTONIC); }

int64_t realtime_offset_ns() { return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC); }

void fail_errno(const std::string& tried) { fail(tried + ": " + std::strerror(errno)); }

void fail(const std::string& text, int status) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, text.c_str());
  std::exit(status);
}

std::string errno_name(int number) {
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : std::to_string(number);
}

void inside_namespace(const std::string& name, const std::function<void()>& work) {
  const int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) fail_errno("open /proc/self/ns/net");
  enter(("/run/netns/" + name).c_str());
  work();
  if (setns(home, CLONE_NEWNET) != 0) fail_errno("return from namespace " + name);
  close(home);
}

bool become_realtime(int priority) {
  // Only what is there now: locking the future would populate the tables that grow with the run.
  mlockall(MCL_CURRENT);
  sched_param parameters{};
  parameters.sched_priority = priority;
  return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

void answer(const std::string& line) {
  std::fputs(line.c_str(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace lab
