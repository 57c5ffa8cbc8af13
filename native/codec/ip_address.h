// IP and link-layer addresses: text on the JavaScript side, bytes on the wire.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>

#include "codec/bytes.h"

namespace ipmp {

struct IpAddress {
  // AF_INET or AF_INET6.
  std::uint8_t family = 0;
  // The first length() bytes count, the rest are zero.
  std::array<std::uint8_t, 16> octets{};

  std::size_t length() const { return octet_count(family); }
  auto operator<=>(const IpAddress&) const = default;
  ByteView view() const { return ByteView(octets).first(length()); }
  static std::size_t octet_count(std::uint8_t family);
};

struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 0;
  auto operator<=>(const IpPrefix&) const = default;
};

using HardwareAddress = std::array<std::uint8_t, 6>;
// Everybody's.
inline constexpr HardwareAddress kBroadcastHardwareAddress{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// Each parser answers nothing for text that is not exactly of its form.
std::optional<IpAddress> parse_ip_address(const std::string& text);
std::optional<IpPrefix> parse_ip_prefix(const std::string& text);
std::optional<HardwareAddress> parse_hardware_address(const std::string& text);

// Nothing where `octets` is not as long as the family wants.
std::optional<IpAddress> ip_address_of(std::uint8_t family, ByteView octets);

std::string to_text(const IpAddress& address);
std::string to_text(const IpPrefix& prefix);
// Lower-case colon form; "" for a device without a link-layer address.
std::string hardware_address_text(ByteView octets);

}  // namespace ipmp
