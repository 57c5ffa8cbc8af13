// Builds netlink messages: header, fixed part, attributes, nested attributes. Lengths are filled in as one goes.
#pragma once

#include <linux/netlink.h>

#include <string_view>

#include "codec/bytes.h"

namespace ipmp {

// Complete netlink messages one after the other, as one sendmsg takes them.
class MessageBatch {
 public:
  bool empty() const { return starts_.empty(); }
  std::size_t count() const { return starts_.size(); }
  ByteView bytes() const { return bytes_; }
  // Bytes of message `i`, header included.
  ByteView message(std::size_t i) const;
  // Numbers the messages first, first + 1, ... so that each acknowledgement finds its request.
  void number_from(std::uint32_t first);
  // Asks for an acknowledgement of every message (the kernel always reports errors).
  void acknowledge_all();

 private:
  friend class MessageBuilder;
  nlmsghdr* header(std::size_t i) { return reinterpret_cast<nlmsghdr*>(bytes_.data() + starts_[i]); }

  Bytes bytes_;
  std::vector<std::size_t> starts_;
};

// Appends one message to a batch; the message is complete when the builder goes out of scope.
class MessageBuilder {
 public:
  MessageBuilder(MessageBatch& batch, std::uint16_t type, std::uint16_t flags);
  ~MessageBuilder();
  MessageBuilder(const MessageBuilder&) = delete;
  MessageBuilder& operator=(const MessageBuilder&) = delete;

  template <typename T>
  void fixed(const T& part) {
    append(batch_.bytes_, part);
    pad();
  }
  void attribute(std::uint16_t type, ByteView value);
  void attribute(std::uint16_t type, std::uint8_t value) { attribute(type, ByteView(&value, 1)); }
  void attribute(std::uint16_t type, std::uint32_t value);
  // NUL-terminated, as the kernel keeps names.
  void text(std::uint16_t type, std::string_view value);

  // Everything that `fill` appends becomes the content of one nested attribute.
  template <typename Fill>
  void nested(std::uint16_t type, Fill fill) {
    const std::size_t start = begin_attribute(static_cast<std::uint16_t>(type | NLA_F_NESTED));
    fill();
    end_attribute(start);
  }

 private:
  std::size_t begin_attribute(std::uint16_t type);
  void end_attribute(std::size_t start);
  void pad();

  MessageBatch& batch_;
  std::size_t start_;
};

}  // namespace ipmp
