#include "codec/message.h"

namespace ipmp {

ByteView MessageBatch::message(std::size_t i) const {
  const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : bytes_.size();
  return bytes().subspan(starts_[i], end - starts_[i]);
}

void MessageBatch::number_from(std::uint32_t first) {
  for (std::size_t i = 0; i < count(); ++i) header(i)->nlmsg_seq = first + static_cast<std::uint32_t>(i);
}

void MessageBatch::acknowledge_all() {
  for (std::size_t i = 0; i < count(); ++i) header(i)->nlmsg_flags |= NLM_F_ACK;
}

MessageBuilder::MessageBuilder(MessageBatch& batch, std::uint16_t type, std::uint16_t flags)
    : batch_(batch), start_(batch.bytes_.size()) {
  batch_.starts_.push_back(start_);
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  append(batch_.bytes_, header);
}

MessageBuilder::~MessageBuilder() {
  auto* header = reinterpret_cast<nlmsghdr*>(batch_.bytes_.data() + start_);
  header->nlmsg_len = static_cast<std::uint32_t>(batch_.bytes_.size() - start_);
}

void MessageBuilder::attribute(std::uint16_t type, ByteView value) {
  const std::size_t start = begin_attribute(type);
  batch_.bytes_.insert(batch_.bytes_.end(), value.begin(), value.end());
  end_attribute(start);
}

void MessageBuilder::attribute(std::uint16_t type, std::uint32_t value) {
  attribute(type, ByteView(reinterpret_cast<const std::uint8_t*>(&value), sizeof value));
}

void MessageBuilder::text(std::uint16_t type, std::string_view value) {
  const std::size_t start = begin_attribute(type);
  batch_.bytes_.insert(batch_.bytes_.end(), value.begin(), value.end());
  batch_.bytes_.push_back(0);
  end_attribute(start);
}

std::size_t MessageBuilder::begin_attribute(std::uint16_t type) {
  const std::size_t start = batch_.bytes_.size();
  append(batch_.bytes_, nlattr{0, type});
  return start;
}

void MessageBuilder::end_attribute(std::size_t start) {
  const auto length = static_cast<std::uint16_t>(batch_.bytes_.size() - start);
  std::memcpy(batch_.bytes_.data() + start, &length, sizeof length);
  pad();
}

void MessageBuilder::pad() {
  while (batch_.bytes_.size() % NLMSG_ALIGNTO != 0) batch_.bytes_.push_back(0);
}

}  // namespace ipmp
