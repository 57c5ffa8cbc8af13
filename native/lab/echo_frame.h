// Echo requests in Ethernet frames, and replies to them, be they honest or not.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lab {

using Octets = std::vector<uint8_t>;

/// An address in network order: 4 or 16 octets. Empty for a text that is none.
Octets address_octets(const std::string& text);

/// An ICMP or ICMPv6 echo request, with room for nothing but plain headers.
class EchoRequest {
 public:
  /// Nothing where the frame is something else.
  static std::optional<EchoRequest> read(std::span<const uint8_t> frame);

  /// Whom it asks, and who asks.
  Octets target() const { return address_at(target_offset()); }
  Octets source() const { return address_at(source_offset()); }

  /// The frame of an honest reply, but for its source.
  Octets reply_from(const Octets& source) const;

  /// The same with another end of the payload, and a right checksum: made by somebody who saw the request, and lies.
  Octets forged_reply() const;

 private:
  EchoRequest(std::span<const uint8_t> frame, size_t header, int family)
      : frame_(frame.begin(), frame.end()), message_(kEthernet + header), family_(family) {}

  static constexpr size_t kEthernet = 14;

  size_t address_size() const { return family_ == AF_INET ? 4 : 16; }
  size_t source_offset() const { return kEthernet + (family_ == AF_INET ? 12 : 8); }
  size_t target_offset() const { return source_offset() + address_size(); }
  Octets address_at(size_t offset) const;
  void seal(Octets& frame) const;

  Octets frame_;
  // Where the ICMP message begins.
  size_t message_;
  int family_;
};

}  // namespace lab
