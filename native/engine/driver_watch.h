// Asks the drivers of some links whether there is a link, since they tell the kernel late that there is none.
//
// A thread of its own, and only while there is such a link: each question takes the kernel's rtnl lock, behind which it may wait
// for long. The I/O thread must not.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/testimony.h"
#include "system/alarm.h"

namespace ipmp {

// As measured: ETHTOOL_GLINK knows within milliseconds what they tell the kernel up to two seconds later.
bool tells_late(const std::string& driver);

class DriverWatch {
 public:
  using Testimonies = std::vector<std::shared_ptr<Testimony>>;
  // The driver's answer for the link of this index.
  using Ask = std::function<std::optional<bool>(std::uint32_t index)>;

  // `changed` is called on the thread, after something that is denied has changed.
  DriverWatch(bool realtime, Ask ask, std::function<void()> changed);
  ~DriverWatch();

  // For one thread: this is asked from now on. "" or the reason why nobody is asked.
  std::string replace(Testimonies testimonies);
  void stop();

 private:
  void run();
  std::int64_t ask_all();
  Testimonies wanted();

  const bool realtime_;
  const Ask ask_;
  const std::function<void()> changed_;
  std::mutex mutex_;
  Testimonies testimonies_;
  Alarm alarm_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ipmp
