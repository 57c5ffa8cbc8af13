#include "codec/requests.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

namespace ipmp {
namespace {

constexpr std::uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;
constexpr std::uint16_t kCreateOrReplace = NLM_F_CREATE | NLM_F_REPLACE;
constexpr std::uint32_t kForever = 0xffffffff;

// Statistics are most of a link message's bytes, and reading them asks every driver.
constexpr std::uint32_t kSkipStatistics = RTEXT_FILTER_SKIP_STATS;

ifinfomsg link_part(std::uint32_t index) {
  ifinfomsg part{};
  part.ifi_index = static_cast<int>(index);
  return part;
}

void encode_one(MessageBatch& batch, const CreateLink& request) {
  MessageBuilder message(batch, RTM_NEWLINK, kCreate);
  message.fixed(link_part(0));
  message.text(IFLA_IFNAME, request.name);
  message.nested(IFLA_LINKINFO, [&] { message.text(IFLA_INFO_KIND, request.kind); });
}

// Alias and address generation are not taken by every kernel at creation, hence a message of their own; and one each, since a kernel
// without IPv6 would refuse the whole message.
void encode_one(MessageBatch& batch, const DressLink& request) {
  MessageBuilder message(batch, RTM_SETLINK, 0);
  message.fixed(link_part(request.index));
  message.text(IFLA_IFALIAS, request.alias);
}

void encode_one(MessageBatch& batch, const QuietLink& request) {
  MessageBuilder message(batch, RTM_SETLINK, 0);
  message.fixed(link_part(request.index));
  message.nested(IFLA_AF_SPEC, [&] {
    message.nested(AF_INET6, [&] {
      message.attribute(IFLA_INET6_ADDR_GEN_MODE, static_cast<std::uint8_t>(IN6_ADDR_GEN_MODE_NONE));
    });
  });
}

void encode_one(MessageBatch& batch, const SetLinkUp& request) {
  MessageBuilder message(batch, RTM_SETLINK, 0);
  ifinfomsg part = link_part(request.index);
  part.ifi_flags = part.ifi_change = IFF_UP;
  message.fixed(part);
}

void encode_one(MessageBatch& batch, const RemoveLink& request) {
  MessageBuilder message(batch, RTM_DELLINK, 0);
  message.fixed(link_part(request.index));
}

ifaddrmsg address_part(const InterfaceAddress& address) {
  ifaddrmsg part{};
  part.ifa_family = address.address.family;
  part.ifa_prefixlen = address.prefix_length;
  part.ifa_scope = address.scope;
  part.ifa_index = address.index;
  return part;
}

void encode_one(MessageBatch& batch, const SetAddress& request) {
  const InterfaceAddress& address = request.address;
  const bool is_v6 = address.address.family == AF_INET6;
  const bool is_host_address = address.prefix_length == (is_v6 ? 128 : 32);
  MessageBuilder message(batch, RTM_NEWADDR, request.replace ? kCreateOrReplace : kCreate);
  message.fixed(address_part(address));
  message.attribute(IFA_LOCAL, address.address.view());
  message.attribute(IFA_ADDRESS, address.address.view());
  // NODAD: our own other NIC would answer the duplicate check and the copy would stay unusable.
  const std::uint32_t flags = (is_host_address ? IFA_F_NOPREFIXROUTE : 0) | (is_v6 ? IFA_F_NODAD : 0);
  message.attribute(IFA_FLAGS, flags);
  message.attribute(IFA_PROTO, kOurProtocol);
  ifa_cacheinfo lifetimes{};
  lifetimes.ifa_prefered = address.deprecated ? 0 : kForever;
  lifetimes.ifa_valid = kForever;
  message.attribute(IFA_CACHEINFO, ByteView(reinterpret_cast<const std::uint8_t*>(&lifetimes), sizeof lifetimes));
}

void encode_one(MessageBatch& batch, const RemoveAddress& request) {
  MessageBuilder message(batch, RTM_DELADDR, 0);
  message.fixed(address_part(request.address));
  message.attribute(IFA_LOCAL, request.address.address.view());
  message.attribute(IFA_ADDRESS, request.address.address.view());
}

Bytes group_entries(const std::vector<std::uint32_t>& ids) {
  Bytes entries;
  for (const auto id : ids) {
    nexthop_grp entry{};
    entry.id = id;
    entry.weight = 0;  // the kernel adds one
    append(entries, entry);
  }
  return entries;
}

void encode_group(MessageBatch& batch, const NextHop& hop) {
  MessageBuilder message(batch, RTM_NEWNEXTHOP, kCreateOrReplace);
  nhmsg part{};
  part.nh_family = AF_UNSPEC;
  part.nh_protocol = kOurProtocol;
  message.fixed(part);
  message.attribute(NHA_ID, hop.id);
  message.attribute(NHA_GROUP, group_entries(hop.group));
}

void encode_one(MessageBatch& batch, const SetNextHop& request) {
  const NextHop& hop = request.next_hop;
  if (!hop.group.empty()) return encode_group(batch, hop);
  MessageBuilder message(batch, RTM_NEWNEXTHOP, kCreateOrReplace);
  nhmsg part{};
  part.nh_family = hop.family;
  part.nh_protocol = kOurProtocol;
  // An IPv4 gateway is taken on our word. For IPv6 the kernel would look for another route to it all the same, and refuse.
  part.nh_flags = hop.gateway && hop.family == AF_INET ? RTNH_F_ONLINK : 0;
  message.fixed(part);
  message.attribute(NHA_ID, hop.id);
  message.attribute(NHA_OIF, hop.index);
  if (hop.gateway) message.attribute(NHA_GATEWAY, hop.gateway->view());
}

void encode_one(MessageBatch& batch, const RemoveNextHop& request) {
  MessageBuilder message(batch, RTM_DELNEXTHOP, 0);
  message.fixed(nhmsg{});
  message.attribute(NHA_ID, request.id);
}

void encode_route(MessageBatch& batch, std::uint16_t type, std::uint16_t flags, const Route& route) {
  const IpPrefix& destination = route.destination;
  MessageBuilder message(batch, type, flags);
  rtmsg part{};
  part.rtm_family = destination.address.family;
  part.rtm_dst_len = destination.length;
  part.rtm_table = static_cast<std::uint8_t>(route.table < 256 ? route.table : std::uint32_t{RT_TABLE_UNSPEC});
  part.rtm_protocol = kOurProtocol;
  part.rtm_scope = route.scope;
  part.rtm_type = route.type;
  message.fixed(part);
  if (destination.length > 0) message.attribute(RTA_DST, destination.address.view());
  message.attribute(RTA_TABLE, route.table);
  if (route.metric) message.attribute(RTA_PRIORITY, route.metric);
  if (route.next_hop_id) message.attribute(RTA_NH_ID, route.next_hop_id);
  if (!route.next_hop_id && route.index) message.attribute(RTA_OIF, route.index);
  if (route.source) message.attribute(RTA_PREFSRC, route.source->view());
}

void encode_one(MessageBatch& batch, const SetRoute& request) {
  encode_route(batch, RTM_NEWROUTE, request.replace ? kCreateOrReplace : kCreate, request.route);
}

void encode_one(MessageBatch& batch, const RemoveRoute& request) {
  encode_route(batch, RTM_DELROUTE, 0, request.route);
}

// The builder must be gone before the batch is handed out: it fills in the length last.
template <typename Fill>
MessageBatch only_message(std::uint16_t type, std::uint16_t flags, Fill fill) {
  MessageBatch batch;
  {
    MessageBuilder message(batch, type, flags);
    fill(message);
  }
  return batch;
}

}  // namespace

void encode(MessageBatch& batch, const Request& request) {
  std::visit([&](const auto& one) { encode_one(batch, one); }, request);
}

MessageBatch links_dump() {
  return only_message(RTM_GETLINK, NLM_F_DUMP, [](MessageBuilder& message) {
    message.fixed(ifinfomsg{});
    message.attribute(IFLA_EXT_MASK, kSkipStatistics);
  });
}

MessageBatch addresses_dump() {
  return only_message(RTM_GETADDR, NLM_F_DUMP, [](MessageBuilder& message) { message.fixed(ifaddrmsg{}); });
}

MessageBatch next_hops_dump() {
  return only_message(RTM_GETNEXTHOP, NLM_F_DUMP, [](MessageBuilder& message) { message.fixed(nhmsg{}); });
}

MessageBatch routes_dump(std::uint8_t family) {
  rtmsg part{};
  part.rtm_family = family;
  part.rtm_protocol = kOurProtocol;
  return only_message(RTM_GETROUTE, NLM_F_DUMP, [&](MessageBuilder& message) { message.fixed(part); });
}

MessageBatch routes_by_link_dump(std::uint8_t family, std::uint32_t link) {
  rtmsg part{};
  part.rtm_family = family;
  part.rtm_table = RT_TABLE_MAIN;
  part.rtm_type = RTN_UNICAST;
  return only_message(RTM_GETROUTE, NLM_F_DUMP, [&](MessageBuilder& message) {
    message.fixed(part);
    message.attribute(RTA_OIF, link);
  });
}

MessageBatch link_query(std::uint32_t index) {
  return only_message(RTM_GETLINK, 0, [&](MessageBuilder& message) {
    message.fixed(link_part(index));
    message.attribute(IFLA_EXT_MASK, kSkipStatistics);
  });
}

MessageBatch link_query(const std::string& name) {
  return only_message(RTM_GETLINK, 0, [&](MessageBuilder& message) {
    message.fixed(link_part(0));
    message.text(IFLA_IFNAME, name);
    message.attribute(IFLA_EXT_MASK, kSkipStatistics);
  });
}

}  // namespace ipmp
