#include "codec/decode.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <string_view>

namespace ipmp {
namespace {

// <linux/if.h> and <net/if.h> can not be included together.
constexpr std::uint32_t kLowerUp = 1 << 16;  // IFF_LOWER_UP
constexpr std::uint8_t kOperStateUnknown = 0;  // IF_OPER_UNKNOWN

IpAddress any_address(std::uint8_t family) {
  IpAddress address;
  address.family = family;
  return address;
}

std::optional<IpAddress> address_attribute(const Attributes& attributes, std::uint16_t type, std::uint8_t family) {
  const auto octets = attributes.find(type);
  return octets ? ip_address_of(family, *octets) : std::nullopt;
}

// IFA_LOCAL is our own end of a point-to-point pair; IPv6 carries only IFA_ADDRESS otherwise.
std::optional<IpAddress> own_address(const Attributes& attributes, std::uint8_t family) {
  const auto local = address_attribute(attributes, IFA_LOCAL, family);
  return local ? local : address_attribute(attributes, IFA_ADDRESS, family);
}

bool preferred_lifetime_over(const Attributes& attributes) {
  const auto value = attributes.find(IFA_CACHEINFO);
  return value && value->size() >= sizeof(ifa_cacheinfo) && load<ifa_cacheinfo>(*value).ifa_prefered == 0;
}

// The operational state is worked out only when the carrier changes, so that "unknown" says that it never did; but of a
// link that the administrator keeps down the kernel shows "down" without having looked.
bool reports_carrier(const Link& link, const Attributes& attributes) {
  if (!link.carrier || attributes.number(IFLA_CARRIER_CHANGES).value_or(0) > 0) return true;
  return link.admin_up && attributes.octet(IFLA_OPERSTATE).value_or(kOperStateUnknown) != kOperStateUnknown;
}

// Kinds whose carrier follows that of the link named by IFLA_LINK. With others that is the other end of a pair (veth), or what a
// tunnel leaves by at present.
bool stands_on_another(std::string_view kind) {
  static constexpr std::array<std::string_view, 7> kKinds{"vlan",   "macvlan", "macvtap", "ipvlan",
                                                          "ipvtap", "macsec",  "virt_wifi"};
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

// IFLA_LINK_NETNSID: the other link is in another namespace, and its index says nothing here.
std::uint32_t lower_of(const Link& link, const Attributes& attributes) {
  if (!stands_on_another(link.kind) || attributes.find(IFLA_LINK_NETNSID)) return 0;
  const std::uint32_t lower = attributes.number(IFLA_LINK).value_or(0);
  return lower == link.index ? 0 : lower;
}

IpPrefix destination_of(const rtmsg& fixed, const Attributes& attributes) {
  const auto address = address_attribute(attributes, RTA_DST, fixed.rtm_family);
  return {address.value_or(any_address(fixed.rtm_family)), fixed.rtm_dst_len};
}

std::uint32_t table_of(const rtmsg& fixed, const Attributes& attributes) {
  return attributes.number(RTA_TABLE).value_or(fixed.rtm_table);
}

// RTA_VIA holds a family of two octets and an address: how an IPv4 route names an IPv6 gateway.
std::optional<IpAddress> gateway_of(const Attributes& attributes, std::uint8_t family) {
  const auto via = attributes.find(RTA_VIA);
  if (!via) return address_attribute(attributes, RTA_GATEWAY, family);
  if (via->size() < sizeof(std::uint16_t)) return std::nullopt;
  return ip_address_of(static_cast<std::uint8_t>(load<std::uint16_t>(*via)), via->subspan(sizeof(std::uint16_t)));
}

bool is_on_every_link(const IpPrefix& destination) {
  const auto& octets = destination.address.octets;
  if (destination.address.family != AF_INET6 || destination.length < 8) return false;
  return octets[0] == 0xff || (octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80);
}

// Two routes that differ only in what is left out here would look the same to everybody who is told of them.
bool is_ordinary(const rtmsg& fixed) {
  return fixed.rtm_type == RTN_UNICAST && fixed.rtm_tos == 0 && fixed.rtm_src_len == 0 && !(fixed.rtm_flags & RTM_F_CLONED);
}

// RTA_MULTIPATH: one structure after the other, each with attributes of its own behind it.
std::vector<OtherRoute> multipath_hops(ByteView rest, const OtherRoute& common) {
  std::vector<OtherRoute> hops;
  while (rest.size() >= sizeof(rtnexthop)) {
    const auto fixed = load<rtnexthop>(rest);
    if (fixed.rtnh_len < sizeof fixed || fixed.rtnh_len > rest.size()) break;
    const Attributes attributes(rest.first(fixed.rtnh_len).subspan(sizeof fixed));
    OtherRoute& hop = hops.emplace_back(common);
    hop.index = static_cast<std::uint32_t>(fixed.rtnh_ifindex);
    hop.gateway = gateway_of(attributes, common.destination.address.family);
    rest = rest.subspan(std::min(rest.size(), static_cast<std::size_t>(RTNH_ALIGN(fixed.rtnh_len))));
  }
  return hops;
}

std::vector<std::uint32_t> group_members(const Attributes& attributes) {
  std::vector<std::uint32_t> ids;
  for (auto rest = attributes.find(NHA_GROUP).value_or(ByteView{}); rest.size() >= sizeof(nexthop_grp);
       rest = rest.subspan(sizeof(nexthop_grp))) {
    ids.push_back(load<nexthop_grp>(rest).id);
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

std::optional<Link> decode_link(const MessageView& message) {
  const auto part = FixedPart<ifinfomsg>::of(message.payload);
  if (!part || part->fixed.ifi_family != AF_UNSPEC) return std::nullopt;
  const auto& [fixed, attributes] = *part;
  Link link;
  link.index = static_cast<std::uint32_t>(fixed.ifi_index);
  link.name = attributes.text(IFLA_IFNAME);
  link.hardware_address = hardware_address_text(attributes.find(IFLA_ADDRESS).value_or(ByteView{}));
  link.admin_up = fixed.ifi_flags & IFF_UP;
  link.lower_up = fixed.ifi_flags & kLowerUp;
  link.running = fixed.ifi_flags & IFF_RUNNING;
  link.carrier = attributes.octet(IFLA_CARRIER).value_or(link.lower_up) != 0;
  link.carrier_reported = reports_carrier(link, attributes);
  link.carrier_losses = attributes.number(IFLA_CARRIER_DOWN_COUNT).value_or(0);
  link.multicast = fixed.ifi_flags & IFF_MULTICAST;
  link.point_to_point = fixed.ifi_flags & IFF_POINTOPOINT;
  link.loopback = fixed.ifi_flags & IFF_LOOPBACK;
  link.no_arp = fixed.ifi_flags & IFF_NOARP;
  link.mtu = attributes.number(IFLA_MTU).value_or(0);
  link.master = attributes.number(IFLA_MASTER).value_or(0);
  link.kind = attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND);
  link.lower = lower_of(link, attributes);
  link.alias = attributes.text(IFLA_IFALIAS);
  return link;
}

std::optional<InterfaceAddress> decode_address(const MessageView& message) {
  const auto part = FixedPart<ifaddrmsg>::of(message.payload);
  if (!part) return std::nullopt;
  const auto& [fixed, attributes] = *part;
  const auto own = own_address(attributes, fixed.ifa_family);
  if (!own) return std::nullopt;
  const std::uint32_t flags = attributes.number(IFA_FLAGS).value_or(fixed.ifa_flags);
  InterfaceAddress address;
  address.index = fixed.ifa_index;
  address.address = *own;
  address.prefix_length = fixed.ifa_prefixlen;
  address.scope = fixed.ifa_scope;
  address.protocol = attributes.octet(IFA_PROTO).value_or(0);
  address.tentative = flags & IFA_F_TENTATIVE;
  address.deprecated = (flags & IFA_F_DEPRECATED) || preferred_lifetime_over(attributes);
  return address;
}

std::optional<NextHop> decode_next_hop(const MessageView& message) {
  const auto part = FixedPart<nhmsg>::of(message.payload);
  if (!part) return std::nullopt;
  const auto& [fixed, attributes] = *part;
  NextHop hop;
  hop.id = attributes.number(NHA_ID).value_or(0);
  hop.protocol = fixed.nh_protocol;
  hop.index = attributes.number(NHA_OIF).value_or(0);
  hop.gateway = address_attribute(attributes, NHA_GATEWAY, fixed.nh_family);
  hop.group = group_members(attributes);
  hop.family = fixed.nh_family;
  return hop;
}

std::optional<Route> decode_route(const MessageView& message) {
  const auto part = FixedPart<rtmsg>::of(message.payload);
  if (!part) return std::nullopt;
  const auto& [fixed, attributes] = *part;
  const bool ours_to_make =
      fixed.rtm_type == RTN_UNICAST || fixed.rtm_type == RTN_LOCAL || fixed.rtm_type == RTN_BROADCAST;
  if (IpAddress::octet_count(fixed.rtm_family) == 0 || !ours_to_make) return std::nullopt;
  Route route;
  route.destination = destination_of(fixed, attributes);
  route.table = table_of(fixed, attributes);
  route.metric = attributes.number(RTA_PRIORITY).value_or(0);
  route.type = fixed.rtm_type;
  route.scope = fixed.rtm_scope;
  route.protocol = fixed.rtm_protocol;
  route.next_hop_id = attributes.number(RTA_NH_ID).value_or(0);
  route.index = route.next_hop_id ? 0 : attributes.number(RTA_OIF).value_or(0);
  route.source = address_attribute(attributes, RTA_PREFSRC, fixed.rtm_family);
  return route;
}


std::vector<OtherRoute> decode_other_routes(const MessageView& message) {
  const auto part = FixedPart<rtmsg>::of(message.payload);
  if (!part || IpAddress::octet_count(part->fixed.rtm_family) == 0) return {};
  const auto& [fixed, attributes] = *part;
  if (fixed.rtm_protocol == kOurProtocol || !is_ordinary(fixed)) return {};
  OtherRoute route;
  route.destination = destination_of(fixed, attributes);
  if (table_of(fixed, attributes) != RT_TABLE_MAIN || is_on_every_link(route.destination)) return {};
  route.metric = attributes.number(RTA_PRIORITY).value_or(0);
  route.protocol = fixed.rtm_protocol;
  if (const auto hops = attributes.find(RTA_MULTIPATH)) return multipath_hops(*hops, route);
  route.index = attributes.number(RTA_OIF).value_or(0);
  route.gateway = gateway_of(attributes, fixed.rtm_family);
  // With `nexthop_compat_mode` the kernel shows what is in the next-hop object, too.
  if (route.index == 0) route.next_hop_id = attributes.number(RTA_NH_ID).value_or(0);
  return {route};
}

bool is_relevant(const MessageView& message) {
  switch (message.header.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return decode_link(message).has_value();
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return is_our_route(message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
    case RTM_NEWNEXTHOP:
    case RTM_DELNEXTHOP:
      return true;
    default:
      return false;
  }
}

bool is_our_route(const MessageView& message) {
  const auto part = FixedPart<rtmsg>::of(message.payload);
  return part && part->fixed.rtm_protocol == kOurProtocol;
}

}  // namespace ipmp
