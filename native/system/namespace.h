// Does things inside a network namespace without moving the caller into it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "system/descriptor.h"

namespace ipmp {

class NetworkNamespace {
 public:
  // `path` as of `ip netns` (/run/netns/NAME) or /proc/PID/ns/net; "" means the caller's own.
  explicit NetworkNamespace(const std::string& path);

  // Runs `work` inside, on a short-lived thread of its own where the namespace is another's. Throws what `work` throws.
  void run(const std::function<void()>& work) const;

  // Indexes of the links with these names, inside; 0 where there is none. Throws SystemError.
  std::vector<std::uint32_t> link_indexes(const std::vector<std::string>& names) const;

  // The number that the kernel gives to no other namespace until the next boot. Throws SystemError.
  std::uint64_t cookie() const;

  // Moves the calling thread into it, for good.
  void enter() const;

 private:
  Descriptor descriptor_;
};

}  // namespace ipmp
