// The namespace's own view of /sys/class/net, and the carrier counters of one link in it.
#pragma once

#include <optional>
#include <string>

#include "system/descriptor.h"

namespace ipmp {

struct CarrierCounts {
  std::uint64_t down = 0;
  std::uint64_t up = 0;
  bool operator==(const CarrierCounts&) const = default;
};

// Open descriptors of one link's counters. They survive a rename; reading fails once the link is gone.
class CarrierFiles {
 public:
  // Lock-free in the kernel, 0.3 us a file. Nothing once the link is gone.
  std::optional<CarrierCounts> counts() const;
  // Reads `carrier` itself, which makes the kernel run a link change that it was holding back (up to one second).
  void poke() const;

 private:
  friend class Sysfs;
  Descriptor down_;
  Descriptor up_;
  Descriptor carrier_;
};

class Sysfs {
 public:
  // Mounts a private, detached sysfs of the calling thread's network namespace; /sys where that is refused.
  Sysfs();

  // Nothing where no link `name` of that index is there.
  std::optional<CarrierFiles> carrier_files(const std::string& name, std::uint32_t index) const;

 private:
  Descriptor root_;
};

}  // namespace ipmp
