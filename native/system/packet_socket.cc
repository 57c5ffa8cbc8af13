#include "system/packet_socket.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>

#include "system/error.h"

namespace ipmp {
namespace {

sockaddr_ll destination_of(const Frame& frame) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(frame.index);
  // The protocol decides which hooks see the frame; it stands at offset 12 of the Ethernet header.
  std::memcpy(&address.sll_protocol, frame.bytes.data() + 12, sizeof address.sll_protocol);
  return address;
}

}  // namespace

// Protocol 0: the socket only sends, so it must not collect every frame of the machine.
PacketSocket::PacketSocket() : descriptor_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)) {
  if (!descriptor_) fail("opening a packet socket");
}

std::size_t PacketSocket::send(const std::vector<Frame>& frames) {
  std::vector<sockaddr_ll> destinations(frames.size());
  std::vector<iovec> pieces(frames.size());
  std::vector<mmsghdr> messages(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    destinations[i] = destination_of(frames[i]);
    pieces[i] = {const_cast<std::uint8_t*>(frames[i].bytes.data()), frames[i].bytes.size()};
    messages[i].msg_hdr.msg_name = &destinations[i];
    messages[i].msg_hdr.msg_namelen = sizeof destinations[i];
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  std::size_t left = 0;
  for (std::size_t next = 0; next < messages.size();) {
    const auto count = static_cast<unsigned>(messages.size() - next);
    const int sent = sendmmsg(descriptor_.number(), messages.data() + next, count, MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    left += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    next += sent > 0 ? static_cast<std::size_t>(sent) : 1;
  }
  return left;
}

}  // namespace ipmp
