#include "system/namespace_lock.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>

#include "system/error.h"

namespace ipmp {
namespace {

// struct fanout_args of Linux 5.11, which the headers of older systems lack. Its first two fields are two halves of a number.
struct FanOut {
  std::uint16_t low;
  std::uint16_t high;
  std::uint32_t most_members;
};

FanOut fan_out_of_one(std::uint16_t id) {
  constexpr std::uint16_t type = PACKET_FANOUT_HASH;
  return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? FanOut{id, type, 1} : FanOut{type, id, 1};
}

void drop_all_frames(const Descriptor& socket) {
  sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog program{1, nothing};
  if (setsockopt(socket.number(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0) fail("closing the lock");
}

}  // namespace

// A group of packet sockets that share frames (a fan-out) has a number that the kernel keeps per network namespace, and this
// one may have one member. The protocol is one of those that IEEE 802 leaves to experiments, so that no frame passes here.
Descriptor take_namespace_lock(std::uint16_t id) {
  Descriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) fail("opening a packet socket");
  drop_all_frames(socket);
  sockaddr_ll everywhere{};
  everywhere.sll_family = AF_PACKET;
  everywhere.sll_protocol = htons(lock_protocol);
  const auto* address = reinterpret_cast<const sockaddr*>(&everywhere);
  if (bind(socket.number(), address, sizeof everywhere) < 0) fail("binding a packet socket");
  const FanOut group = fan_out_of_one(id);
  if (setsockopt(socket.number(), SOL_PACKET, PACKET_FANOUT, &group, sizeof group) < 0) {
    fail("taking the lock of the network namespace");
  }
  return socket;
}

}  // namespace ipmp
