#include "system/netlink_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "system/error.h"

namespace ipmp {
namespace {

void set_option(const Descriptor& socket, int option, int value, const char* name) {
  if (setsockopt(socket.number(), SOL_NETLINK, option, &value, sizeof value) != 0) {
    fail(std::string("setting ") + name + " on a netlink socket");
  }
}

// The forced form ignores net.core.?mem_max but wants CAP_NET_ADMIN of the first user namespace.
void size_buffer(const Descriptor& socket, int forced, int ordinary, int bytes) {
  if (setsockopt(socket.number(), SOL_SOCKET, forced, &bytes, sizeof bytes) == 0) return;
  setsockopt(socket.number(), SOL_SOCKET, ordinary, &bytes, sizeof bytes);
}

}  // namespace

NetlinkSocket::NetlinkSocket(int buffer_bytes)
    : descriptor_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  if (!descriptor_) fail("opening a netlink socket");
  set_option(descriptor_, NETLINK_EXT_ACK, 1, "NETLINK_EXT_ACK");
  set_option(descriptor_, NETLINK_CAP_ACK, 1, "NETLINK_CAP_ACK");
  set_option(descriptor_, NETLINK_GET_STRICT_CHK, 1, "NETLINK_GET_STRICT_CHK");
  size_buffer(descriptor_, SO_RCVBUFFORCE, SO_RCVBUF, buffer_bytes);
  size_buffer(descriptor_, SO_SNDBUFFORCE, SO_SNDBUF, buffer_bytes);
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (bind(descriptor_.number(), reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) fail("binding a netlink socket");
}

void NetlinkSocket::subscribe(const std::vector<int>& groups) {
  for (const int group : groups) set_option(descriptor_, NETLINK_ADD_MEMBERSHIP, group, "NETLINK_ADD_MEMBERSHIP");
}

void NetlinkSocket::send(ByteView messages) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = sendto(descriptor_.number(), messages.data(), messages.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
                  sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) fail("sending rtnetlink requests");
}

NetlinkSocket::Reception NetlinkSocket::receive(Bytes& buffer, ByteView& datagram, bool wait) {
  sockaddr_nl from{};
  for (;;) {
    socklen_t length = sizeof from;
    const ssize_t got = recvfrom(descriptor_.number(), buffer.data(), buffer.size(), wait ? 0 : MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) return Reception::lost;
    if (got < 0 && errno == EAGAIN) return Reception::nothing;
    if (got < 0) fail("receiving from a netlink socket");
    // Any process may send to our port; only the kernel is port 0.
    if (from.nl_pid != 0) continue;
    datagram = ByteView(buffer).first(static_cast<std::size_t>(got));
    return Reception::data;
  }
}

int NetlinkSocket::receive_buffer_bytes() const {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  getsockopt(descriptor_.number(), SOL_SOCKET, SO_RCVBUF, &bytes, &length);
  return bytes;
}

}  // namespace ipmp
