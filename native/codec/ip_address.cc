#include "codec/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace ipmp {

std::size_t IpAddress::octet_count(std::uint8_t family) {
  return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

std::optional<IpAddress> parse_ip_address(const std::string& text) {
  IpAddress address;
  address.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (inet_pton(address.family, text.c_str(), address.octets.data()) != 1) return std::nullopt;
  return address;
}

std::optional<IpPrefix> parse_ip_prefix(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpPrefix prefix{*address, 0};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + slash + 1, end, prefix.length);
  if (error != std::errc{} || stopped != end || prefix.length > address->length() * 8) return std::nullopt;
  return prefix;
}

std::optional<HardwareAddress> parse_hardware_address(const std::string& text) {
  HardwareAddress address{};
  if (text.size() != address.size() * 3 - 1) return std::nullopt;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char* digits = text.data() + i * 3;
    const auto [stopped, error] = std::from_chars(digits, digits + 2, address[i], 16);
    if (error != std::errc{} || stopped != digits + 2) return std::nullopt;
    if (i + 1 < address.size() && digits[2] != ':') return std::nullopt;
  }
  return address;
}

std::optional<IpAddress> ip_address_of(std::uint8_t family, ByteView octets) {
  if (octets.empty() || octets.size() != IpAddress::octet_count(family)) return std::nullopt;
  IpAddress address;
  address.family = family;
  std::ranges::copy(octets, address.octets.begin());
  return address;
}

std::string to_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.length() == 0) return "";
  inet_ntop(address.family, address.octets.data(), text, sizeof text);
  return text;
}

std::string to_text(const IpPrefix& prefix) {
  return to_text(prefix.address) + "/" + std::to_string(prefix.length);
}

std::string hardware_address_text(ByteView octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto octet : octets) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

}  // namespace ipmp
