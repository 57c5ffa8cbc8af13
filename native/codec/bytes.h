// Byte views and unaligned access: what all codecs stand on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace ipmp {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// Copies a structure out of a view that the caller has checked to be long enough; netlink payloads are only 4-aligned.
template <typename T>
T load(ByteView view) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, view.data(), sizeof value);
  return value;
}

template <typename T>
void append(Bytes& bytes, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

}  // namespace ipmp
