// Sees carrier changes by the kernel's counters of them.
//
// RTM_NEWLINK alone is not enough: the kernel reports the carrier of an ordinary NIC through "linkwatch", and that runs
// at most once a second for the whole machine. A loss within a second of any other link's change, in whatever
// namespace, is reported up to a second late. The counters move at once, and they show a bounce between two looks.
//
// Some drivers move even the counters late. Of these a testimony may say that there is no link: see driver_watch.h.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/testimony.h"
#include "system/sysfs.h"

namespace ipmp {

struct WatchedLink {
  std::uint32_t index;
  CarrierFiles files;
  CarrierCounts counts;
  // As it was when the counters stood at `counts`.
  bool carrier;
  // Only where the driver is asked, too; and what of it has been reported.
  std::shared_ptr<Testimony> testimony = nullptr;
  bool denied = false;
};

// What the counters say happened since the last look, oldest first. A bounce is two changes; of more only the last ones
// count.
std::vector<bool> carrier_changes(bool carrier, const CarrierCounts& before, const CarrierCounts& now);

class CarrierWatch {
 public:
  // On the JavaScript thread. `open` is called for links not watched so far and may answer nothing.
  void replace(const std::vector<std::uint32_t>& indexes,
               const std::function<std::optional<WatchedLink>(std::uint32_t)>& open);

  using Report = std::function<void(const WatchedLink&, bool carrier)>;
  // On the I/O thread: looks at every link. True where any changed.
  bool poll(const Report& report);
  std::size_t size();

  std::vector<std::shared_ptr<Testimony>> testimonies();
  // Links without a carrier whatever the kernel says: as the drivers tell, and as has been reported of one.
  std::vector<std::uint32_t> denied();
  bool is_reported_denied(std::uint32_t index);

 private:
  bool is_watched(std::uint32_t index);

  std::mutex mutex_;
  std::vector<WatchedLink> links_;
};

// Counters that did not move while both were read; nothing once the link is gone.
std::optional<CarrierCounts> steady_counts(const CarrierFiles& files);

}  // namespace ipmp
