// The thread that asks drivers: it runs only where there is somebody to ask, and ends at any moment.
#include "engine/driver_watch.h"

#include "check.h"

using namespace ipmp;

namespace {

std::shared_ptr<Testimony> testimony_of(std::uint32_t index) {
  return std::make_shared<Testimony>(index, "eth0", true);
}

void what_a_driver_says_comes_through() {
  std::atomic<bool> link{true};
  std::atomic<int> asked{0};
  std::atomic<bool> changed{false};
  DriverWatch watch(
      false,
      [&](std::uint32_t) {
        ++asked;
        asked.notify_all();
        return std::optional(link.load());
      },
      [&] {
        changed = true;
        changed.notify_all();
      });
  const auto testimony = testimony_of(7);
  CHECK(watch.replace({testimony}).empty());
  asked.wait(0);
  while (asked.load() < 2) asked.wait(1);
  link = false;
  changed.wait(false);
  CHECK(testimony->denies());
  testimony->kernel_says(false);
  CHECK(watch.replace({}).empty());
  const int asked_until_then = asked;
  CHECK(watch.replace({testimony}).empty());
  watch.stop();
  CHECK(asked == asked_until_then);
}

void it_ends_and_begins_at_any_moment() {
  std::atomic<int> asked{0};
  DriverWatch watch(
      false, [&](std::uint32_t index) { return std::optional(++asked % 3 != 0 && index != 0); }, [] {});
  for (int i = 0; i < 200; ++i) {
    const auto testimony = testimony_of(static_cast<std::uint32_t>(i));
    watch.replace({testimony, testimony_of(1)});
    testimony->kernel_says(i % 2 == 0);
    if (i % 4 == 0) watch.replace({});
  }
}

void only_some_tell_late() {
  CHECK(tells_late("e1000") && tells_late("pcnet32"));
  CHECK(!tells_late("e1000e") && !tells_late("tun") && !tells_late(""));
}

}  // namespace

int main() {
  what_a_driver_says_comes_through();
  it_ends_and_begins_at_any_moment();
  only_some_tell_late();
  return ipmp::test::result();
}
