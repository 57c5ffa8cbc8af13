// Kernel objects as src/core/kernel-state/kernel-objects.ts names them, and what can be asked of the kernel.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "codec/ip_address.h"

namespace ipmp {

// Marks what is ours; the same number as OUR_PROTOCOL in src/core/kernel-state/kernel-objects.ts.
inline constexpr std::uint8_t kOurProtocol = 77;

struct Link {
  std::uint32_t index = 0;
  std::string name;
  std::string hardware_address;
  bool admin_up = false;
  // IFLA_CARRIER, or IFF_LOWER_UP where the kernel names none.
  bool carrier = false;
  // IFF_LOWER_UP: carrier, and the administrator wants the link up.
  bool lower_up = false;
  // IFF_RUNNING: the operational state is up, or the driver knows of none. A carrier alone is not enough: 802.1X, tests.
  bool running = false;
  // The driver tells of changes; where it does not, `carrier` is always true.
  bool carrier_reported = false;
  // IFLA_CARRIER_DOWN_COUNT.
  std::uint32_t carrier_losses = 0;
  bool multicast = false;
  bool point_to_point = false;
  bool loopback = false;
  bool no_arp = false;
  std::uint32_t mtu = 0;
  std::uint32_t master = 0;
  // The link that this one stands on, where that is in the same namespace, or 0.
  std::uint32_t lower = 0;
  std::string kind;
  std::string alias;
};

struct InterfaceAddress {
  std::uint32_t index = 0;
  IpAddress address;
  std::uint8_t prefix_length = 0;
  std::uint8_t scope = 0;
  std::uint8_t protocol = 0;
  bool tentative = false;
  bool deprecated = false;
};

struct NextHop {
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;
  std::uint32_t index = 0;
  std::optional<IpAddress> gateway;
  std::vector<std::uint32_t> group;
  // AF_UNSPEC of a group. A single one of AF_INET6 needs IPv6 on its device, whatever routes use it.
  std::uint8_t family = 0;
};

struct Route {
  IpPrefix destination;
  std::uint32_t table = 0;
  std::uint32_t metric = 0;
  std::uint8_t type = 0;
  std::uint8_t scope = 0;
  std::uint8_t protocol = 0;
  std::uint32_t next_hop_id = 0;
  std::uint32_t index = 0;
  std::optional<IpAddress> source;
};

// One next hop of a unicast route of the main table that somebody else made.
struct OtherRoute {
  IpPrefix destination;
  std::uint32_t metric = 0;
  std::uint8_t protocol = 0;
  std::uint32_t index = 0;
  // Of the other family where an IPv4 route has an IPv6 gateway; nothing where the destination is on-link.
  std::optional<IpAddress> gateway;
  // Not 0 where the kernel names a next-hop object and not what is in it: `index` and `gateway` are to be found there.
  std::uint32_t next_hop_id = 0;
};

struct CreateLink {
  std::string name;
  std::string kind;
};

struct DressLink {
  std::uint32_t index;
  std::string alias;
};

// No IPv6 link-local address of its own.
struct QuietLink {
  std::uint32_t index;
};

struct SetLinkUp {
  std::uint32_t index;
};

struct RemoveLink {
  std::uint32_t index;
};

struct SetAddress {
  InterfaceAddress address;
  // False: refuse (EEXIST) to touch one that is there already, also one in duplicate address detection.
  bool replace;
};

struct RemoveAddress {
  InterfaceAddress address;
};

// A group where `next_hop.group` has members.
struct SetNextHop {
  NextHop next_hop;
};

struct RemoveNextHop {
  std::uint32_t id;
};

struct SetRoute {
  Route route;
  bool replace;
};

struct RemoveRoute {
  Route route;
};

using Request = std::variant<CreateLink, DressLink, QuietLink, SetLinkUp, RemoveLink, SetAddress, RemoveAddress,
                             SetNextHop, RemoveNextHop, SetRoute, RemoveRoute>;

}  // namespace ipmp
