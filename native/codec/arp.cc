#include "codec/arp.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>

#include <algorithm>

namespace ipmp {
namespace {

// The message as it is for Ethernet and IPv4 (RFC 826).
struct Layout {
  std::uint16_t hardware_type, protocol_type;
  std::uint8_t hardware_length, protocol_length;
  std::uint16_t operation;
  std::array<std::uint8_t, 6> sender_hardware;
  std::array<std::uint8_t, 4> sender;
  std::array<std::uint8_t, 6> target_hardware;
  std::array<std::uint8_t, 4> target;
};
static_assert(sizeof(Layout) == sizeof(ArpMessage));

Layout header(std::uint16_t operation) {
  return {htons(ARPHRD_ETHER), htons(ETH_P_IP), 6, 4, htons(operation), {}, {}, {}, {}};
}

}  // namespace

ArpMessage arp_question(const HardwareAddress& sender, const IpAddress& target) {
  Layout layout = header(ARPOP_REQUEST);
  layout.sender_hardware = sender;
  std::ranges::copy(target.view(), layout.target.begin());
  ArpMessage message;
  std::memcpy(message.data(), &layout, sizeof layout);
  return message;
}

std::optional<ArpReply> read_arp_reply(ByteView message, const HardwareAddress& receiver) {
  // Short frames are padded.
  if (message.size() < sizeof(Layout)) return std::nullopt;
  const auto layout = load<Layout>(message);
  const Layout wanted = header(ARPOP_REPLY);
  if (std::memcmp(&layout, &wanted, offsetof(Layout, sender_hardware)) != 0) return std::nullopt;
  // Our question named no sender, so the answer to it has no target; all other replies were made for somebody, or for nobody's question.
  if (layout.target_hardware != receiver || layout.target != wanted.target) return std::nullopt;
  return ArpReply{layout.sender_hardware, *ip_address_of(AF_INET, layout.sender)};
}

}  // namespace ipmp
