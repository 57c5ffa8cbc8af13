#include "engine/driver_watch.h"

#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "system/clock.h"
#include "system/realtime.h"

namespace ipmp {
namespace {

// A question holds the lock while a register of the card is read; of many links each is asked more seldom. Counted from the end of a
// round, so that whoever holds the lock for long is not pestered.
constexpr std::int64_t kIntervalNs = 5'000'000;
constexpr std::int64_t kPerLinkNs = 250'000;
// Nobody is to be asked: how soon it is noticed that a carrier has come back.
constexpr std::int64_t kIdleIntervalNs = 100'000'000;

}  // namespace

bool tells_late(const std::string& driver) {
  static const std::set<std::string> late{"e1000", "pcnet32"};
  return late.contains(driver);
}

DriverWatch::DriverWatch(bool realtime, Ask ask, std::function<void()> changed)
    : realtime_(realtime), ask_(std::move(ask)), changed_(std::move(changed)) {}

DriverWatch::~DriverWatch() {
  stop();
}

std::string DriverWatch::replace(Testimonies testimonies) {
  const bool needed = !testimonies.empty();
  {
    const std::lock_guard lock(mutex_);
    testimonies_.swap(testimonies);
  }
  if (!needed) stop();
  if (!needed || thread_.joinable()) return "";
  try {
    thread_ = std::thread([this] { run(); });
    return "";
  } catch (const std::system_error& error) {
    return std::string("starting a thread: ") + error.what();
  }
}

void DriverWatch::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  alarm_.ring();
  thread_.join();
  stopping_.store(false, std::memory_order_release);
}

void DriverWatch::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  prctl(PR_SET_NAME, "ipmp-driver");
  if (realtime_) enter_realtime(Priority::measure);
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto interval = ask_all();
    alarm_.sleep_until(monotonic_ns() + interval);
  }
}

// Answers how long to wait until the next round.
std::int64_t DriverWatch::ask_all() {
  const auto wanted = this->wanted();
  bool changed = false;
  for (const auto& testimony : wanted) {
    auto link = ask_(testimony->index);
    // One slip of a driver is no loss.
    if (link == false) link = ask_(testimony->index);
    changed = testimony->hear(link, monotonic_ns()) || changed;
  }
  if (changed) changed_();
  if (wanted.empty()) return kIdleIntervalNs;
  return std::max(kIntervalNs, static_cast<std::int64_t>(wanted.size()) * kPerLinkNs);
}

DriverWatch::Testimonies DriverWatch::wanted() {
  Testimonies wanted;
  const std::lock_guard lock(mutex_);
  std::ranges::copy_if(testimonies_, std::back_inserter(wanted), [](const auto& testimony) { return testimony->is_wanted(); });
  return wanted;
}

}  // namespace ipmp
