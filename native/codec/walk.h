// Walks netlink bytes of unknown quality: every step is bounds-checked, and a broken length ends the walk.
#pragma once

#include <linux/netlink.h>

#include <algorithm>
#include <optional>
#include <string>

#include "codec/bytes.h"

namespace ipmp {

struct MessageView {
  nlmsghdr header;
  // What follows the header.
  ByteView payload;
  // Header and payload, without padding.
  ByteView whole;
};

// Takes the next message off the front of `bytes`; nothing at the end or where the rest is no message.
std::optional<MessageView> next_message(ByteView& bytes);

struct AttributeView {
  // Without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits.
  std::uint16_t type;
  ByteView value;
};

std::optional<AttributeView> next_attribute(ByteView& bytes);

// The attributes after the fixed part of a message, or inside a nested one; lookups walk (a message has few).
class Attributes {
 public:
  explicit Attributes(ByteView bytes) : bytes_(bytes) {}

  std::optional<ByteView> find(std::uint16_t type) const;
  // Nothing where the attribute is absent or shorter than the number.
  std::optional<std::uint32_t> number(std::uint16_t type) const;
  std::optional<std::uint8_t> octet(std::uint16_t type) const;
  // "" where absent; the terminating NUL is dropped.
  std::string text(std::uint16_t type) const;
  Attributes nested(std::uint16_t type) const { return Attributes(find(type).value_or(ByteView{})); }

 private:
  ByteView bytes_;
};

// The fixed part T of a payload and the attributes behind it; nothing where the payload is too short.
template <typename T>
struct FixedPart {
  T fixed;
  Attributes attributes;

  static std::optional<FixedPart> of(ByteView payload) {
    if (payload.size() < sizeof(T)) return std::nullopt;
    const std::size_t behind = std::min(payload.size(), static_cast<std::size_t>(NLMSG_ALIGN(sizeof(T))));
    return FixedPart{load<T>(payload), Attributes(payload.subspan(behind))};
  }
};

// The kernel's answer to one request: errno (0: done) and its extended text.
struct Acknowledgement {
  int error = 0;
  std::string text;
};

// Of an NLMSG_ERROR, or of an NLMSG_DONE that ends a dump.
std::optional<Acknowledgement> acknowledgement_of(const MessageView& message);

}  // namespace ipmp
