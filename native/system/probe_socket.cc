#include "system/probe_socket.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <span>

#include "system/clock.h"
#include "system/error.h"

namespace ipmp {
namespace {

// Replies wait here while the thread is not scheduled.
constexpr int kReceiveBufferBytes = 1 << 20;

// By software, right before the card has it, without a copy of the packet.
constexpr int kSentStamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;

constexpr int kKinds = SOCK_CLOEXEC | SOCK_NONBLOCK;

template <typename T>
void set_option(const Descriptor& socket, int level, int option, const T& value, const char* what) {
  if (setsockopt(socket.number(), level, option, &value, sizeof value) != 0) fail(what);
}

void attach(const Descriptor& socket, std::span<sock_filter> program) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, filter, "filtering replies in the kernel");
}

// An IPv4 raw socket sees the IP header, too; its length comes into X. With IPv6 X stays 0.
std::array<sock_filter, 7> replies_with(std::uint8_t family, std::uint16_t identifier) {
  const bool is_ipv4 = family == AF_INET;
  const std::uint8_t reply = is_ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
  return {
      is_ipv4 ? sock_filter(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)) : sock_filter(BPF_STMT(BPF_LDX | BPF_IMM, 0)),
      sock_filter(BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0)),
      sock_filter(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, reply, 0, 3)),
      sock_filter(BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4)),
      sock_filter(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier, 0, 1)),
      sock_filter(BPF_STMT(BPF_RET | BPF_K, 0xffffffff)),
      sock_filter(BPF_STMT(BPF_RET | BPF_K, 0)),
  };
}

// What came before it was filtered and bound.
void empty(const Descriptor& socket) {
  std::uint8_t octet;
  while (recv(socket.number(), &octet, sizeof octet, MSG_DONTWAIT) >= 0) continue;
}

void bind_to(const Descriptor& socket, std::uint32_t index, const IpAddress& source) {
  set_option(socket, SOL_SOCKET, SO_BINDTOIFINDEX, static_cast<int>(index), "binding a probe socket to its link");
  sockaddr_in6 address6{};
  sockaddr_in address4{};
  address4.sin_family = AF_INET;
  address6.sin6_family = AF_INET6;
  address6.sin6_scope_id = index;
  std::memcpy(&address4.sin_addr, source.octets.data(), sizeof address4.sin_addr);
  std::memcpy(&address6.sin6_addr, source.octets.data(), sizeof address6.sin6_addr);
  const bool is_ipv4 = source.family == AF_INET;
  const auto* address = is_ipv4 ? reinterpret_cast<sockaddr*>(&address4) : reinterpret_cast<sockaddr*>(&address6);
  if (bind(socket.number(), address, is_ipv4 ? sizeof address4 : sizeof address6) != 0) {
    fail("binding a probe socket to " + to_text(source));
  }
}

void stay_on_link4(const Descriptor& socket, std::uint32_t index) {
  ip_mreqn interface{};
  interface.imr_ifindex = static_cast<int>(index);
  set_option(socket, IPPROTO_IP, IP_TTL, 1, "setting the TTL of probes");
  set_option(socket, IPPROTO_IP, IP_MULTICAST_TTL, 1, "setting the TTL of probes");
  set_option(socket, IPPROTO_IP, IP_MULTICAST_LOOP, 0, "keeping probes from ourselves");
  set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, interface, "choosing the link of multicast probes");
}

void stay_on_link6(const Descriptor& socket, std::uint32_t index) {
  set_option(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1, "setting the hop limit of probes");
  set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1, "setting the hop limit of probes");
  set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, "keeping probes from ourselves");
  set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index), "choosing the link of multicast probes");
}

// The filter first: until it stands, and until the socket is bound, it takes what is for others.
Descriptor opened(int domain, int type, int protocol, std::span<sock_filter> program, const char* what) {
  Descriptor socket(::socket(domain, type | kKinds, protocol));
  if (!socket) fail(what);
  attach(socket, program);
  set_option(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1, "asking for time stamps");
  // Beyond what net.core.rmem_max allows only where we may; less is enough for all but floods.
  if (setsockopt(socket.number(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes, sizeof kReceiveBufferBytes) != 0) {
    set_option(socket, SOL_SOCKET, SO_RCVBUF, kReceiveBufferBytes, "enlarging a receive buffer");
  }
  return socket;
}

}  // namespace

Descriptor open_echo_socket(std::uint32_t index, const IpAddress& source, std::uint16_t identifier, bool stamp_sent) {
  const bool is_ipv4 = source.family == AF_INET;
  auto filter = replies_with(source.family, identifier);
  auto socket = is_ipv4 ? opened(AF_INET, SOCK_RAW, IPPROTO_ICMP, filter, "opening an ICMP socket")
                        : opened(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, filter, "opening an ICMPv6 socket");
  if (stamp_sent) set_option(socket, SOL_SOCKET, SO_TIMESTAMPING, kSentStamps, "asking for time stamps of what is sent");
  bind_to(socket, index, source);
  empty(socket);
  if (is_ipv4) stay_on_link4(socket, index);
  else stay_on_link6(socket, index);
  return socket;
}

std::int64_t next_sent_stamp(int socket) {
  alignas(cmsghdr) std::array<std::uint8_t, 256> control;
  msghdr header{};
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  if (recvmsg(socket, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return 0;
  for (auto* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPING) continue;
    timespec stamp;
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return nanoseconds(stamp);
  }
  return 0;
}

// Protocol 0 until it is bound, or it would collect the frames of all links meanwhile.
Descriptor open_arp_socket(std::uint32_t index) {
  sock_filter replies_only[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  auto socket = opened(AF_PACKET, SOCK_DGRAM, 0, replies_only, "opening a packet socket for ARP");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ARP);
  address.sll_ifindex = static_cast<int>(index);
  if (bind(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("binding a packet socket to its link");
  }
  return socket;
}

// Protocol 0: nothing is received.
Descriptor open_copy_socket() {
  return Descriptor(::socket(AF_PACKET, SOCK_DGRAM | kKinds, 0));
}

HardwareAddress hardware_address_of(std::uint32_t index) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  if (!socket) fail("opening a socket to ask for a hardware address");
  request.ifr_ifindex = static_cast<int>(index);
  if (ioctl(socket.number(), SIOCGIFNAME, &request) != 0) fail("asking for the name of a link");
  if (ioctl(socket.number(), SIOCGIFHWADDR, &request) != 0) fail("asking for a hardware address");
  HardwareAddress address;
  std::copy_n(request.ifr_hwaddr.sa_data, address.size(), reinterpret_cast<char*>(address.data()));
  return address;
}

}  // namespace ipmp
