// What the driver of a link says of itself, by the ethtool ioctl. The kernel takes its rtnl lock for each question: it may wait for
// as long as somebody else holds that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "system/descriptor.h"

namespace ipmp {

class Ethtool {
 public:
  // In the calling thread's network namespace. Where no socket is to be had, every question stays without an answer.
  Ethtool();

  explicit operator bool() const { return static_cast<bool>(socket_); }
  // "" where there is no such link, or it does not tell.
  std::string driver(const std::string& name) const;
  // ETHTOOL_GLINK. Nothing where there is no such link, it does not tell, or the administrator has set it down.
  std::optional<bool> has_link(std::uint32_t index) const;

 private:
  Descriptor socket_;
};

}  // namespace ipmp
