#include "system/packet_batch.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>

#include "system/clock.h"

namespace ipmp {
namespace {

socklen_t length_of(const PacketAddress& address) {
  switch (address.any.sa_family) {
    case AF_INET:
      return sizeof address.ipv4;
    case AF_INET6:
      return sizeof address.ipv6;
    default:
      return sizeof address.link;
  }
}

std::int64_t stamp_of(const msghdr& header) {
  for (auto* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(const_cast<msghdr*>(&header), part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp;
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return nanoseconds(stamp);
  }
  return 0;
}

constexpr int kAttempts = 4;

bool would_wait(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

// That of the socket, or that of the card, of which only packet sockets tell.
bool is_queue_full(int error) {
  return would_wait(error) || error == ENOBUFS;
}

}  // namespace

PacketAddress destination_of(const IpAddress& address, std::uint32_t index) {
  PacketAddress to{};
  if (address.family == AF_INET) {
    to.ipv4.sin_family = AF_INET;
    std::memcpy(&to.ipv4.sin_addr, address.octets.data(), sizeof to.ipv4.sin_addr);
    return to;
  }
  to.ipv6 = {};
  to.ipv6.sin6_family = AF_INET6;
  to.ipv6.sin6_scope_id = index;
  std::memcpy(&to.ipv6.sin6_addr, address.octets.data(), sizeof to.ipv6.sin6_addr);
  return to;
}

PacketAddress link_destination(std::uint16_t protocol, const HardwareAddress& hardware_address, std::uint32_t index) {
  PacketAddress to{};
  to.link.sll_family = AF_PACKET;
  to.link.sll_protocol = htons(protocol);
  to.link.sll_ifindex = static_cast<int>(index);
  to.link.sll_halen = static_cast<unsigned char>(hardware_address.size());
  std::ranges::copy(hardware_address, to.link.sll_addr);
  return to;
}

SendBatch::SendBatch() : slots_(std::make_unique<std::array<Slot, kBatchPackets>>()) {
  for (std::size_t i = 0; i < kBatchPackets; ++i) {
    Slot& slot = (*slots_)[i];
    headers_[i].msg_hdr.msg_name = &slot.to;
    headers_[i].msg_hdr.msg_iov = &slot.piece;
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

void SendBatch::add(ByteView bytes, const PacketAddress& to) {
  Slot& slot = (*slots_)[size_];
  std::memcpy(slot.bytes.data(), bytes.data(), bytes.size());
  slot.piece = {slot.bytes.data(), bytes.size()};
  slot.to = to;
  headers_[size_].msg_hdr.msg_namelen = length_of(to);
  errors_[size_] = 0;
  ++size_;
}

// sendmmsg stops at the first packet that is refused, and tells why only when that is the first of its call.
void SendBatch::send(int socket) {
  for (std::size_t next = 0; next < size_;) {
    const int sent = sendmmsg(socket, headers_.data() + next, static_cast<unsigned>(size_ - next), MSG_DONTWAIT);
    if (sent > 0) {
      next += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    errors_[next] = is_queue_full(errno) ? 0 : errno;
    ++next;
  }
}

ReceiveBatch::ReceiveBatch() : slots_(std::make_unique<std::array<Slot, kBatchPackets>>()) {
  for (std::size_t i = 0; i < kBatchPackets; ++i) {
    Slot& slot = (*slots_)[i];
    slot.piece = {slot.bytes.data(), slot.bytes.size()};
    headers_[i].msg_hdr.msg_iov = &slot.piece;
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &slot.from;
    headers_[i].msg_hdr.msg_control = slot.control.data();
  }
}

std::size_t ReceiveBatch::receive(int socket) {
  // The kernel writes the lengths of what it brought in their place.
  for (std::size_t i = 0; i < used_; ++i) {
    headers_[i].msg_hdr.msg_namelen = sizeof(PacketAddress);
    headers_[i].msg_hdr.msg_controllen = sizeof(Slot::control);
  }
  int count = -1;
  // An error that waited for the socket (a link that went down) is told once, before what else is there.
  for (int attempt = 0; attempt < kAttempts && count < 0; ++attempt) {
    count = recvmmsg(socket, headers_.data(), kBatchPackets, MSG_DONTWAIT, nullptr);
    if (count < 0 && would_wait(errno)) break;
  }
  used_ = count < 0 ? 0 : static_cast<std::size_t>(count);
  return used_;
}

ReceivedPacket ReceiveBatch::packet(std::size_t i) const {
  const Slot& slot = (*slots_)[i];
  return {ByteView(slot.bytes).first(headers_[i].msg_len), stamp_of(headers_[i].msg_hdr), &slot.from};
}

}  // namespace ipmp
