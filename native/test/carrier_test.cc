// What the carrier counters say about what happened between two looks, and what a driver says against them.
#include "check.h"
#include "engine/carrier_watch.h"

using namespace ipmp;

namespace {

constexpr std::uint32_t kLoopback = 1;
constexpr std::int64_t kLong = 60'000'000'000;

struct Poll {
  std::vector<bool> carriers;
  bool disbelieved = false;
};

Poll poll(CarrierWatch& watch) {
  Poll seen;
  watch.poll([&](const WatchedLink& link, bool carrier) {
    seen.carriers.push_back(carrier);
    seen.disbelieved = link.testimony->is_disbelieved();
  });
  return seen;
}

// A link whose counters stand still.
std::shared_ptr<Testimony> watch_loopback(CarrierWatch& watch) {
  const Sysfs sysfs;
  auto testimony = std::make_shared<Testimony>(kLoopback, "lo", true);
  watch.replace({kLoopback}, [&](std::uint32_t) -> std::optional<WatchedLink> {
    auto files = sysfs.carrier_files("lo", kLoopback);
    if (!files) return std::nullopt;
    const auto counts = files->counts().value_or(CarrierCounts{});
    return WatchedLink{kLoopback, std::move(*files), counts, true, testimony};
  });
  CHECK(watch.testimonies().size() == 1);
  testimony->hear(true, 0);
  return testimony;
}

void a_driver_that_denies_is_reported_once() {
  CarrierWatch watch;
  const auto testimony = watch_loopback(watch);
  CHECK(poll(watch).carriers.empty() && watch.denied().empty());
  testimony->hear(false, 0);
  CHECK(watch.denied() == std::vector{kLoopback} && !watch.is_reported_denied(kLoopback));
  CHECK(poll(watch).carriers == std::vector{false});
  CHECK(poll(watch).carriers.empty() && watch.is_reported_denied(kLoopback));
  for (int i = 0; i < 100; ++i) testimony->hear(true, 0);
  CHECK(poll(watch).carriers == std::vector{true});
  CHECK(watch.denied().empty() && !watch.is_reported_denied(kLoopback));
}

void one_that_is_disbelieved_is_forgotten() {
  CarrierWatch watch;
  const auto testimony = watch_loopback(watch);
  testimony->hear(false, 0);
  poll(watch);
  testimony->hear(false, kLong);
  const auto seen = poll(watch);
  CHECK(seen.carriers == std::vector{true} && seen.disbelieved);
  CHECK(watch.testimonies().empty());
}

}  // namespace

int main() {
  a_driver_that_denies_is_reported_once();
  one_that_is_disbelieved_is_forgotten();
  using Changes = std::vector<bool>;
  CHECK(carrier_changes(true, {3, 3}, {3, 3}) == Changes{});
  CHECK(carrier_changes(true, {3, 3}, {4, 3}) == Changes{false});
  CHECK(carrier_changes(false, {4, 3}, {4, 4}) == Changes{true});
  // A bounce must not go unnoticed: the kernel has dropped next hops meanwhile.
  CHECK((carrier_changes(true, {3, 3}, {4, 4}) == Changes{false, true}));
  CHECK((carrier_changes(false, {4, 3}, {5, 4}) == Changes{true, false}));
  CHECK(carrier_changes(true, {3, 3}, {5, 4}) == Changes{false});
  return ipmp::test::result();
}
