#include "codec/walk.h"

#include <algorithm>

namespace ipmp {
namespace {

// Lengths on the wire exclude padding; the last piece may lack it.
ByteView rest_after(ByteView bytes, std::size_t length) {
  return bytes.subspan(std::min(bytes.size(), static_cast<std::size_t>(NLMSG_ALIGN(length))));
}

// In an error message the request's header (and, unless capped, its body) stands before the attributes.
std::size_t echoed_length(const MessageView& message) {
  if (message.header.nlmsg_flags & NLM_F_CAPPED) return sizeof(nlmsghdr);
  const auto echo = load<nlmsghdr>(message.payload.subspan(sizeof(int)));
  return NLMSG_ALIGN(std::max<std::size_t>(echo.nlmsg_len, sizeof(nlmsghdr)));
}

}  // namespace

std::optional<MessageView> next_message(ByteView& bytes) {
  if (bytes.size() < sizeof(nlmsghdr)) return std::nullopt;
  const auto header = load<nlmsghdr>(bytes);
  if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > bytes.size()) return std::nullopt;
  const ByteView whole = bytes.first(header.nlmsg_len);
  bytes = rest_after(bytes, header.nlmsg_len);
  return MessageView{header, whole.subspan(sizeof(nlmsghdr)), whole};
}

std::optional<AttributeView> next_attribute(ByteView& bytes) {
  if (bytes.size() < sizeof(nlattr)) return std::nullopt;
  const auto header = load<nlattr>(bytes);
  if (header.nla_len < sizeof(nlattr) || header.nla_len > bytes.size()) return std::nullopt;
  const ByteView value = bytes.subspan(sizeof(nlattr), header.nla_len - sizeof(nlattr));
  bytes = rest_after(bytes, header.nla_len);
  return AttributeView{static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK), value};
}

std::optional<ByteView> Attributes::find(std::uint16_t type) const {
  ByteView rest = bytes_;
  while (const auto attribute = next_attribute(rest)) {
    if (attribute->type == type) return attribute->value;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Attributes::number(std::uint16_t type) const {
  const auto value = find(type);
  if (!value || value->size() < sizeof(std::uint32_t)) return std::nullopt;
  return load<std::uint32_t>(*value);
}

std::optional<std::uint8_t> Attributes::octet(std::uint16_t type) const {
  const auto value = find(type);
  if (!value || value->empty()) return std::nullopt;
  return value->front();
}

std::string Attributes::text(std::uint16_t type) const {
  const auto value = find(type).value_or(ByteView{});
  return std::string(value.begin(), std::ranges::find(value, 0));
}

std::optional<Acknowledgement> acknowledgement_of(const MessageView& message) {
  if (message.payload.size() < sizeof(int)) return std::nullopt;
  // Unsigned: the least of all numbers has no counterpart.
  Acknowledgement answer{static_cast<int>(0u - load<unsigned>(message.payload)), ""};
  std::size_t behind = sizeof(int);
  if (message.header.nlmsg_type == NLMSG_ERROR) {
    if (message.payload.size() < sizeof(nlmsgerr)) return std::nullopt;
    behind += echoed_length(message);
  }
  const bool has_attributes = message.header.nlmsg_flags & NLM_F_ACK_TLVS;
  if (has_attributes && behind < message.payload.size()) {
    answer.text = Attributes(message.payload.subspan(behind)).text(NLMSGERR_ATTR_MSG);
  }
  return answer;
}

}  // namespace ipmp
