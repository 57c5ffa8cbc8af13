#include "codec/echo.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

namespace ipmp {
namespace {

constexpr std::size_t kIdentifier = 4;
constexpr std::size_t kSequence = 6;
constexpr std::size_t kMark = 8;
constexpr std::size_t kToken = kMark + sizeof(ProbeMark);

template <typename T>
void store(EchoMessage& message, std::size_t offset, const T& value) {
  std::memcpy(message.data() + offset, &value, sizeof value);
}

// RFC 1071: the sum does not depend on the order of the octets within the words.
std::uint16_t checksum(const EchoMessage& message) {
  static_assert(kEchoBytes % 4 == 0);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < kEchoBytes; at += 4) sum += load<std::uint32_t>(ByteView(message).subspan(at));
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
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
  if (family == AF_INET) store(message, 2, checksum(message));
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

ByteView ipv4_payload(ByteView packet) {
  if (packet.empty()) return {};
  const std::size_t header = (packet[0] & 0xf) * 4u;
  return header < 20 || header > packet.size() ? ByteView{} : packet.subspan(header);
}

}  // namespace ipmp
