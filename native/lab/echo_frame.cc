#include "lab/echo_frame.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include <algorithm>

namespace lab {

namespace {

constexpr size_t kTypeOfFrame = 12;
constexpr size_t kHardwareAddress = 6;
constexpr size_t kIcmpHeader = 8;
constexpr uint8_t kHopLimit = 64;

// Offsets within the headers of IP.
constexpr size_t kHeader4 = 20;
constexpr size_t kLength4 = 2;
constexpr size_t kHops4 = 8;
constexpr size_t kProtocol4 = 9;
constexpr size_t kChecksum4 = 10;
constexpr size_t kHeader6 = 40;
constexpr size_t kLength6 = 4;
constexpr size_t kProtocol6 = 6;
constexpr size_t kHops6 = 7;

// Within ICMP.
constexpr size_t kChecksum = 2;

// RFC 1071.
uint32_t add_words(std::span<const uint8_t> octets, uint32_t sum) {
  for (size_t at = 0; at < octets.size(); ++at) sum += at % 2 == 0 ? octets[at] << 8 : octets[at];
  return sum;
}

void put_word(std::span<uint8_t> octets, size_t at, uint32_t value) {
  octets[at] = static_cast<uint8_t>(value >> 8);
  octets[at + 1] = static_cast<uint8_t>(value);
}

void put_checksum(std::span<uint8_t> octets, size_t at, uint32_t start) {
  put_word(octets, at, 0);
  uint32_t sum = add_words(octets, start);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  put_word(octets, at, ~sum);
}

uint32_t word(std::span<const uint8_t> octets, size_t at) { return octets[at] << 8 | octets[at + 1]; }

}  // namespace

Octets address_octets(const std::string& text) {
  Octets octets(sizeof(in6_addr));
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return octets;
  octets.resize(sizeof(in_addr));
  return inet_pton(AF_INET, text.c_str(), octets.data()) == 1 ? octets : Octets{};
}

std::optional<EchoRequest> EchoRequest::read(std::span<const uint8_t> frame) {
  if (frame.size() < kEthernet + kHeader4) return std::nullopt;
  const auto packet = frame.subspan(kEthernet);
  const bool is4 = word(frame, kTypeOfFrame) == ETHERTYPE_IP && packet[0] == 0x45 && packet[kProtocol4] == IPPROTO_ICMP;
  const bool is6 = word(frame, kTypeOfFrame) == ETHERTYPE_IPV6 && packet[kProtocol6] == IPPROTO_ICMPV6;
  if (!is4 && !is6) return std::nullopt;
  const size_t header = is4 ? kHeader4 : kHeader6;
  // Frames may be padded: the length is what the packet says.
  const size_t length = is4 ? word(packet, kLength4) : kHeader6 + word(packet, kLength6);
  if (length > packet.size() || length < header + kIcmpHeader) return std::nullopt;
  if (packet[header] != (is4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST)) return std::nullopt;
  return EchoRequest(frame.first(kEthernet + length), header, is4 ? AF_INET : AF_INET6);
}

Octets EchoRequest::address_at(size_t offset) const {
  const auto at = frame_.begin() + static_cast<ptrdiff_t>(offset);
  return Octets(at, at + static_cast<ptrdiff_t>(address_size()));
}

Octets EchoRequest::reply_from(const Octets& source) const {
  Octets reply = frame_;
  std::swap_ranges(reply.begin(), reply.begin() + kHardwareAddress, reply.begin() + kHardwareAddress);
  std::copy_n(frame_.data() + source_offset(), address_size(), reply.data() + target_offset());
  std::copy_n(source.data(), std::min(source.size(), address_size()), reply.data() + source_offset());
  reply[kEthernet + (family_ == AF_INET ? kHops4 : kHops6)] = kHopLimit;
  reply[message_] = family_ == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
  seal(reply);
  return reply;
}

Octets EchoRequest::forged_reply() const {
  Octets reply = reply_from(target());
  reply.back() = static_cast<uint8_t>(~reply.back());
  seal(reply);
  return reply;
}

void EchoRequest::seal(Octets& frame) const {
  const std::span<uint8_t> message = std::span(frame).subspan(message_);
  if (family_ == AF_INET) {
    put_checksum(std::span(frame).subspan(kEthernet, kHeader4), kChecksum4, 0);
    put_checksum(message, kChecksum, 0);
    return;
  }
  // RFC 8200, section 8.1: the addresses, the length and the protocol count, too.
  const auto addresses = std::span(frame).subspan(source_offset(), 2 * address_size());
  put_checksum(message, kChecksum, add_words(addresses, static_cast<uint32_t>(message.size()) + IPPROTO_ICMPV6));
}

}  // namespace lab
