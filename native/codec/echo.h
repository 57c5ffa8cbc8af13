// ICMP and ICMPv6 echo messages of ours: what a probe carries, and what a reply brings back.
#pragma once

#include <optional>

#include "codec/ip_address.h"
#include "codec/siphash.h"

namespace ipmp {

enum class ProbePurpose : std::uint32_t {
  // Counts for failure and repair.
  count = 1,
  // Only measures the round trip.
  measure = 2,
  // Asks all hosts who they are.
  discover = 3,
};

// What comes back unchanged in a reply. Only we read it, so it lies as it does in memory.
struct ProbeMark {
  ProbePurpose purpose;
  std::uint32_t path;
  std::uint32_t target;
  // 1: the copy that was sent to all (see second_opinion.h); else 0.
  std::uint32_t to_all;
  std::uint64_t sequence;
  // CLOCK_MONOTONIC
  std::int64_t sent_ns;
};

struct ProbeReply {
  ProbeMark mark;
  // False: whoever made it does not know our key.
  bool genuine;
};

inline constexpr std::size_t kEchoBytes = 8 + sizeof(ProbeMark) + sizeof(std::uint64_t);
using EchoMessage = std::array<std::uint8_t, kEchoBytes>;

// The whole echo request. The checksum of IPv6 is left to the kernel, which knows the addresses.
void write_echo_request(EchoMessage& message, std::uint8_t family, std::uint16_t identifier, const ProbeMark& mark,
                        const SipKey& key);

// Of a message that begins with the ICMP header. Nothing where it is no echo reply of this identifier and of our length.
std::optional<ProbeReply> read_echo_reply(ByteView message, std::uint8_t family, std::uint16_t identifier,
                                          const SipKey& key);

// Both with the header of IP: `message` as a packet that is sent past the kernel's own routes and neighbours. It stays on the link.
Bytes echo_packet(const EchoMessage& message, const IpAddress& source, const IpAddress& target);

// The hardware address by which a frame reaches whoever has this address, without it being known who that is: everybody's for IPv4,
// and for IPv6 that of the few whose addresses end alike, which `address` itself must listen to (RFC 4291, 2.7.1).
HardwareAddress hardware_address_of_all(const IpAddress& address);

// What follows the header of an IPv4 packet; empty where it is cut short.
ByteView ipv4_payload(ByteView packet);

}  // namespace ipmp
