#include "codec/echo.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>

#include <algorithm>

#include "codec/frames.h"

namespace ipmp {
namespace {

constexpr std::size_t kChecksum = 2;
constexpr std::size_t kIdentifier = 4;
constexpr std::size_t kSequence = 6;
constexpr std::size_t kMark = 8;
constexpr std::size_t kToken = kMark + sizeof(ProbeMark);

template <typename T>
void store(EchoMessage& message, std::size_t offset, const T& value) {
  std::memcpy(message.data() + offset, &value, sizeof value);
}

constexpr std::uint8_t kThisLinkOnly = 1;

// RFC 1071: the sum does not depend on the order of the octets within the words. Of whole words of four octets.
std::uint16_t checksum(ByteView words) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < words.size(); at += 4) sum += load<std::uint32_t>(words.subspan(at));
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

Bytes ipv4_packet(const EchoMessage& message, const IpAddress& source, const IpAddress& target) {
  iphdr header{};
  header.version = 4;
  header.ihl = sizeof header / 4;
  header.tot_len = htons(sizeof header + kEchoBytes);
  // It is never cut in pieces, and so needs no number (RFC 6864).
  header.frag_off = htons(IP_DF);
  header.ttl = kThisLinkOnly;
  header.protocol = IPPROTO_ICMP;
  std::memcpy(&header.saddr, source.octets.data(), sizeof header.saddr);
  std::memcpy(&header.daddr, target.octets.data(), sizeof header.daddr);
  header.check = checksum({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
  Bytes packet;
  append(packet, header);
  append(packet, message);
  return packet;
}

Bytes ipv6_packet(EchoMessage message, const IpAddress& source, const IpAddress& target) {
  store(message, kChecksum, icmpv6_checksum(source, target, message));
  ip6_hdr header{};
  header.ip6_flow = htonl(6u << 28);
  header.ip6_plen = htons(kEchoBytes);
  header.ip6_nxt = IPPROTO_ICMPV6;
  header.ip6_hlim = kThisLinkOnly;
  std::memcpy(&header.ip6_src, source.octets.data(), sizeof header.ip6_src);
  std::memcpy(&header.ip6_dst, target.octets.data(), sizeof header.ip6_dst);
  Bytes packet;
  append(packet, header);
  append(packet, message);
  return packet;
}

}  // namespace

void write_echo_request(EchoMessage& message, std::uint8_t family, std::uint16_t identifier, const ProbeMark& mark,
                        const SipKey& key) {
  message.fill(0);
  message[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
  store(message, kIdentifier, htons(identifier));
  store(message, kSequence, htons(static_cast<std::uint16_t>(mark.sequence)));
  store(message, kMark, mark);
  store(message, kToken, siphash(key, ByteView(message).subspan(kMark, sizeof mark)));
  if (family == AF_INET) store(message, kChecksum, checksum(message));
}

std::optional<ProbeReply> read_echo_reply(ByteView message, std::uint8_t family, std::uint16_t identifier,
                                          const SipKey& key) {
  if (message.size() != kEchoBytes || message[1] != 0) return std::nullopt;
  if (message[0] != (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY)) return std::nullopt;
  if (ntohs(load<std::uint16_t>(message.subspan(kIdentifier))) != identifier) return std::nullopt;
  const auto token = load<std::uint64_t>(message.subspan(kToken));
  const bool genuine = token == siphash(key, message.subspan(kMark, sizeof(ProbeMark)));
  return ProbeReply{load<ProbeMark>(message.subspan(kMark)), genuine};
}

Bytes echo_packet(const EchoMessage& message, const IpAddress& source, const IpAddress& target) {
  return target.family == AF_INET ? ipv4_packet(message, source, target) : ipv6_packet(message, source, target);
}

HardwareAddress hardware_address_of_all(const IpAddress& address) {
  if (address.family == AF_INET) return kBroadcastHardwareAddress;
  HardwareAddress group{0x33, 0x33, 0xff};
  std::ranges::copy(ByteView(address.octets).last(3), group.begin() + 3);
  return group;
}

ByteView ipv4_payload(ByteView packet) {
  if (packet.empty()) return {};
  const std::size_t header = (packet[0] & 0xf) * 4u;
  return header < 20 || header > packet.size() ? ByteView{} : packet.subspan(header);
}

}  // namespace ipmp
