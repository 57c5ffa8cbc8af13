#include "codec/frames.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <netinet/in.h>

namespace ipmp {
namespace {

constexpr HardwareAddress kAllNodesGroup{0x33, 0x33, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kAllNodes{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

constexpr std::uint8_t kNeighbourAdvertisement = 136;
constexpr std::uint8_t kOverride = 0x20;
constexpr std::uint8_t kTargetLinkLayerAddress = 2;
// Receivers drop neighbour discovery that a router could have forwarded (RFC 4861, 7.1.2).
constexpr std::uint8_t kHopLimit = 255;

void append_network_order(Bytes& bytes, std::uint16_t value) {
  append(bytes, htons(value));
}

void append_octets(Bytes& bytes, ByteView octets) {
  bytes.insert(bytes.end(), octets.begin(), octets.end());
}

Bytes ethernet_header(const HardwareAddress& to, const HardwareAddress& from, std::uint16_t type) {
  Bytes frame;
  append_octets(frame, to);
  append_octets(frame, from);
  append_network_order(frame, type);
  return frame;
}

Bytes arp_frame(const Announcement& about, std::uint16_t operation, const HardwareAddress& target) {
  Bytes frame = ethernet_header(kBroadcastHardwareAddress, about.hardware_address, ETH_P_ARP);
  append_network_order(frame, ARPHRD_ETHER);
  append_network_order(frame, ETH_P_IP);
  frame.push_back(static_cast<std::uint8_t>(about.hardware_address.size()));
  frame.push_back(static_cast<std::uint8_t>(about.address.length()));
  append_network_order(frame, operation);
  append_octets(frame, about.hardware_address);
  append_octets(frame, about.address.view());
  append_octets(frame, target);
  append_octets(frame, about.address.view());
  return frame;
}

Bytes neighbour_advertisement(const Announcement& about) {
  Bytes message{kNeighbourAdvertisement, 0, 0, 0, kOverride, 0, 0, 0};
  append_octets(message, about.address.view());
  message.push_back(kTargetLinkLayerAddress);
  message.push_back(1);  // length of the option in units of eight octets
  append_octets(message, about.hardware_address);
  return message;
}

Bytes advertisement_frame(const Announcement& about) {
  IpAddress all_nodes{AF_INET6, kAllNodes};
  Bytes message = neighbour_advertisement(about);
  const std::uint16_t checksum = icmpv6_checksum(about.address, all_nodes, message);
  std::memcpy(message.data() + 2, &checksum, sizeof checksum);

  Bytes frame = ethernet_header(kAllNodesGroup, about.hardware_address, ETH_P_IPV6);
  append(frame, htonl(6u << 28));
  append_network_order(frame, static_cast<std::uint16_t>(message.size()));
  frame.push_back(IPPROTO_ICMPV6);
  frame.push_back(kHopLimit);
  append_octets(frame, about.address.view());
  append_octets(frame, all_nodes.view());
  append_octets(frame, message);
  return frame;
}

std::uint32_t sum_of_words(ByteView bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
  return sum;
}

}  // namespace

std::uint16_t icmpv6_checksum(const IpAddress& source, const IpAddress& destination, ByteView message) {
  std::uint32_t sum = sum_of_words(source.view()) + sum_of_words(destination.view()) + sum_of_words(message);
  sum += static_cast<std::uint32_t>(message.size()) + IPPROTO_ICMPV6;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<std::uint16_t>(~sum));
}

std::vector<Frame> announcement_frames(const Announcement& about) {
  if (about.address.family == AF_INET6) return {{about.index, advertisement_frame(about)}};
  // Linux takes a reply for gratuitous only when its target is its sender; the request form has no such trap.
  return {{about.index, arp_frame(about, ARPOP_REQUEST, HardwareAddress{})},
          {about.index, arp_frame(about, ARPOP_REPLY, about.hardware_address)}};
}

}  // namespace ipmp
