// Ethernet frames that tell peers where an address lives now.
#pragma once

#include "codec/ip_address.h"

namespace ipmp {

// What peers shall learn: `address` is at `hardware_address`, reached out of link `index`.
struct Announcement {
  std::uint32_t index;
  HardwareAddress hardware_address;
  IpAddress address;
};

struct Frame {
  std::uint32_t index;
  Bytes bytes;
};

// IPv4: a gratuitous request and a gratuitous reply, because every stack honours at least one of the two.
// IPv6: one unsolicited neighbour advertisement to all nodes.
std::vector<Frame> announcement_frames(const Announcement& announcement);

// Internet checksum (RFC 1071) of an ICMPv6 message under its pseudo-header, ready to be stored.
std::uint16_t icmpv6_checksum(const IpAddress& source, const IpAddress& destination, ByteView message);

}  // namespace ipmp
