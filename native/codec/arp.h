// ARP as a probe: a question that names no address of ours, so that nobody's neighbour table changes.
#pragma once

#include <optional>

#include "codec/ip_address.h"

namespace ipmp {

// As RFC 5227 does it before an address is taken: sender 0.0.0.0. Without the Ethernet header.
using ArpMessage = std::array<std::uint8_t, 28>;
ArpMessage arp_question(const HardwareAddress& sender, const IpAddress& target);

struct ArpReply {
  HardwareAddress hardware_address;
  IpAddress address;
};

// Of a message without the Ethernet header. Nothing where it is no ARP reply to such a question of `receiver`.
std::optional<ArpReply> read_arp_reply(ByteView message, const HardwareAddress& receiver);

}  // namespace ipmp
