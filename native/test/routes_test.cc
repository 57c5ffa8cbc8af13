// Routes of others: what is told of them, and which notices concern the links asked about.
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <functional>

#include "check.h"
#include "codec/decode.h"
#include "codec/requests.h"
#include "engine/route_watch.h"

using namespace ipmp;

namespace {

using Verdict = RouteWatch::Verdict;
using Fill = std::function<void(MessageBuilder&)>;

constexpr std::uint8_t kStatic = 4;
constexpr std::uint32_t kOurLink = 2;
constexpr std::uint32_t kOtherLink = 9;

// One message, kept with its bytes.
struct Message {
  MessageBatch batch;
  MessageView view() const {
    ByteView rest = batch.bytes();
    return *next_message(rest);
  }
};

template <typename Part>
Message message_of(std::uint16_t type, std::uint16_t flags, const Part& part, const Fill& fill) {
  Message message;
  {
    MessageBuilder builder(message.batch, type, flags);
    builder.fixed(part);
    fill(builder);
  }
  return message;
}

rtmsg route_part(const std::string& destination) {
  const auto prefix = *parse_ip_prefix(destination);
  rtmsg part{};
  part.rtm_family = prefix.address.family;
  part.rtm_dst_len = prefix.length;
  part.rtm_table = RT_TABLE_MAIN;
  part.rtm_protocol = kStatic;
  part.rtm_type = RTN_UNICAST;
  return part;
}

Fill by_link(std::uint32_t link, const std::string& destination, const std::string& gateway = "") {
  return [=](MessageBuilder& message) {
    message.attribute(RTA_DST, parse_ip_prefix(destination)->address.view());
    message.attribute(RTA_OIF, link);
    if (!gateway.empty()) message.attribute(RTA_GATEWAY, parse_ip_address(gateway)->view());
  };
}

Message route_by(std::uint32_t link, const std::string& destination, std::uint16_t flags = 0,
                 std::uint16_t type = RTM_NEWROUTE) {
  return message_of(type, flags, route_part(destination), by_link(link, destination));
}

Message route_by_object(std::uint32_t id, const std::string& destination) {
  return message_of(RTM_NEWROUTE, 0, route_part(destination), [&](MessageBuilder& message) {
    message.attribute(RTA_DST, parse_ip_prefix(destination)->address.view());
    message.attribute(RTA_NH_ID, id);
  });
}

Message next_hop(std::uint32_t id, std::uint32_t link, std::uint16_t flags = 0, std::uint16_t type = RTM_NEWNEXTHOP,
                 std::uint8_t protocol = kStatic) {
  nhmsg part{};
  part.nh_family = AF_INET;
  part.nh_protocol = protocol;
  return message_of(type, flags, part, [&](MessageBuilder& message) {
    message.attribute(NHA_ID, id);
    message.attribute(NHA_OIF, link);
  });
}

Message link(std::uint32_t index, std::uint32_t flags, std::uint16_t type = RTM_NEWLINK, const Fill& fill = [](auto&) {}) {
  ifinfomsg part{};
  part.ifi_index = static_cast<int>(index);
  part.ifi_flags = flags;
  return message_of(type, 0, part, fill);
}

Verdict judge(RouteWatch& watch, const Message& message) {
  return watch.judge(message.view());
}

bool is_told(const rtmsg& part, const Fill& fill) {
  const Message message = message_of(RTM_NEWROUTE, 0, part, fill);
  return !decode_other_routes(message.view()).empty();
}

void tells_ordinary_routes_alone() {
  const std::string v4 = "198.51.100.0/24";
  const auto differs = [&](const std::function<void(rtmsg&)>& change) {
    rtmsg part = route_part(v4);
    change(part);
    return is_told(part, by_link(kOurLink, v4));
  };
  CHECK(differs([](rtmsg&) {}));
  CHECK(!differs([](rtmsg& part) { part.rtm_protocol = kOurProtocol; }));
  CHECK(!differs([](rtmsg& part) { part.rtm_type = RTN_LOCAL; }));
  CHECK(!differs([](rtmsg& part) { part.rtm_table = RT_TABLE_LOCAL; }));
  CHECK(!differs([](rtmsg& part) { part.rtm_flags = RTM_F_CLONED; }));
  CHECK(!differs([](rtmsg& part) { part.rtm_tos = 16; }));
  CHECK(!differs([](rtmsg& part) { part.rtm_src_len = 64; }));
  CHECK(!differs([](rtmsg& part) { part.rtm_family = AF_BRIDGE; }));
  for (const std::string on_every_link : {"fe80::/64", "fe80::/10", "ff00::/8"}) {
    CHECK(!is_told(route_part(on_every_link), by_link(kOurLink, on_every_link)));
  }
  for (const std::string own : {"2001:db8::/64", "::/0", "fec0::/10", "254.128.0.0/16"}) {
    CHECK(is_told(route_part(own), by_link(kOurLink, own)));
  }
}

void reads_gateways_of_both_families() {
  const std::string v4 = "198.51.100.0/24";
  const Message plain = message_of(RTM_NEWROUTE, 0, route_part(v4), by_link(kOurLink, v4, "192.0.2.1"));
  const auto routes = decode_other_routes(plain.view());
  CHECK(routes.size() == 1 && routes[0].index == kOurLink && to_text(*routes[0].gateway) == "192.0.2.1");
  const auto with_via = [&](const Bytes& via) {
    const Message message =
        message_of(RTM_NEWROUTE, 0, route_part(v4), [&](MessageBuilder& one) { one.attribute(RTA_VIA, ByteView(via)); });
    return decode_other_routes(message.view()).at(0).gateway;
  };
  Bytes via;
  append(via, std::uint16_t{AF_INET6});
  CHECK(!with_via(via) && !with_via({}));
  const auto gateway = parse_ip_address("fe80::1");
  via.insert(via.end(), gateway->octets.begin(), gateway->octets.end());
  CHECK(with_via(via) == gateway);
}

Bytes multipath(std::initializer_list<std::uint32_t> links) {
  Bytes hops;
  for (const auto index : links) append(hops, rtnexthop{sizeof(rtnexthop), 0, 0, static_cast<int>(index)});
  return hops;
}

std::vector<OtherRoute> hops_of(const Bytes& hops) {
  const Message message = message_of(RTM_NEWROUTE, 0, route_part("::/0"),
                                     [&](MessageBuilder& one) { one.attribute(RTA_MULTIPATH, ByteView(hops)); });
  return decode_other_routes(message.view());
}

void reads_every_next_hop_and_stops_at_a_broken_one() {
  Bytes hops = multipath({2, 3, 4});
  CHECK(hops_of(hops).size() == 3 && hops_of(hops)[2].index == 4);
  for (const std::uint8_t length : {0, 7, 200}) {
    hops[sizeof(rtnexthop)] = length;
    CHECK(hops_of(hops).size() == 1);
  }
  hops = multipath({2, 3});
  hops.pop_back();
  CHECK(hops_of(hops).size() == 1);
  CHECK(hops_of({}).empty());
}

void tells_only_of_links_asked_about() {
  RouteWatch watch;
  CHECK(judge(watch, route_by(kOurLink, "0.0.0.0/0")) == Verdict::ignore);
  watch.begin({kOurLink});
  CHECK(judge(watch, route_by(kOurLink, "0.0.0.0/0")) == Verdict::tell);
  CHECK(judge(watch, route_by(kOurLink, "0.0.0.0/0", 0, RTM_DELROUTE)) == Verdict::tell);
  CHECK(judge(watch, route_by(kOtherLink, "0.0.0.0/0")) == Verdict::ignore);
  CHECK(judge(watch, route_by(kOtherLink, "0.0.0.0/0", NLM_F_REPLACE, RTM_DELROUTE)) == Verdict::ignore);
}

void doubts_what_replaces_a_route_once() {
  RouteWatch watch;
  const auto replacing = [](const std::string& destination) { return route_by(kOtherLink, destination, NLM_F_REPLACE); };
  watch.begin({kOurLink});
  CHECK(watch.learn_routes({OtherRoute{*parse_ip_prefix("0.0.0.0/0"), 0, kStatic, kOurLink, {}, 0}}));
  CHECK(judge(watch, replacing("198.51.100.0/24")) == Verdict::ignore);
  CHECK(judge(watch, replacing("0.0.0.0/0")) == Verdict::doubt);
  CHECK(judge(watch, replacing("0.0.0.0/0")) == Verdict::ignore);
  watch.begin(watch.links());
  CHECK(watch.learn_routes({}));
  CHECK(judge(watch, replacing("0.0.0.0/0")) == Verdict::ignore);
  CHECK(judge(watch, route_by(kOurLink, "::/0")) == Verdict::tell);
  CHECK(judge(watch, replacing("::/0")) == Verdict::doubt);
}

void reads_again_what_was_replaced_meanwhile() {
  const OtherRoute read{*parse_ip_prefix("0.0.0.0/0"), 0, kStatic, kOurLink, {}, 0};
  RouteWatch watch;
  watch.begin({kOurLink});
  CHECK(judge(watch, route_by(kOtherLink, "0.0.0.0/0", NLM_F_REPLACE)) == Verdict::ignore);
  CHECK(!watch.learn_routes({read}));
  watch.begin({kOurLink});
  CHECK(judge(watch, route_by(kOtherLink, "198.51.100.0/24", NLM_F_REPLACE)) == Verdict::ignore);
  CHECK(watch.learn_routes({read}));
}

void follows_next_hop_objects() {
  RouteWatch watch;
  watch.begin({kOurLink});
  NextHop group{9, kStatic, 0, {}, {7, 8}};
  watch.learn_next_hops({group, NextHop{7, kStatic, kOurLink, {}, {}}, NextHop{8, kStatic, kOtherLink, {}, {}}});
  CHECK(judge(watch, route_by_object(7, "0.0.0.0/0")) == Verdict::tell);
  CHECK(judge(watch, route_by_object(9, "0.0.0.0/0")) == Verdict::tell);
  CHECK(judge(watch, route_by_object(8, "0.0.0.0/0")) == Verdict::ignore);
  CHECK(judge(watch, next_hop(20, kOurLink)) == Verdict::ignore);
  CHECK(judge(watch, route_by_object(20, "0.0.0.0/0")) == Verdict::tell);
}

void doubts_what_a_next_hop_object_takes_along() {
  const auto verdict_on = [](const Message& message) {
    RouteWatch watch;
    watch.begin({kOurLink});
    watch.learn_next_hops({NextHop{7, kStatic, kOurLink, {}, {}}, NextHop{77, kOurProtocol, kOurLink, {}, {}}});
    return judge(watch, message);
  };
  CHECK(verdict_on(next_hop(7, kOtherLink)) == Verdict::doubt);
  CHECK(verdict_on(next_hop(7, kOurLink, 0, RTM_DELNEXTHOP)) == Verdict::doubt);
  CHECK(verdict_on(next_hop(30, kOurLink, NLM_F_REPLACE)) == Verdict::doubt);
  CHECK(verdict_on(next_hop(30, kOtherLink, NLM_F_REPLACE)) == Verdict::ignore);
  CHECK(verdict_on(next_hop(77, kOurLink, NLM_F_REPLACE, RTM_NEWNEXTHOP, kOurProtocol)) == Verdict::ignore);
}

void doubts_the_routes_of_a_link_that_is_down() {
  const auto verdict_on = [](const Message& message) {
    RouteWatch watch;
    watch.begin({kOurLink});
    return judge(watch, message);
  };
  CHECK(verdict_on(link(kOurLink, IFF_UP)) == Verdict::ignore);
  CHECK(verdict_on(link(kOurLink, 0)) == Verdict::doubt);
  CHECK(verdict_on(link(kOurLink, IFF_UP, RTM_DELLINK)) == Verdict::doubt);
  CHECK(verdict_on(link(kOtherLink, 0)) == Verdict::ignore);
}

Message address(std::uint32_t index, const std::string& text, std::uint16_t type) {
  const auto own = *parse_ip_address(text);
  ifaddrmsg part{};
  part.ifa_family = own.family;
  part.ifa_index = index;
  return message_of(type, 0, part, [&](MessageBuilder& message) { message.attribute(IFA_ADDRESS, own.view()); });
}

void doubts_the_routes_of_a_lost_address() {
  const auto verdict_on = [](const Message& message) {
    RouteWatch watch;
    watch.begin({kOurLink});
    return judge(watch, message);
  };
  CHECK(verdict_on(address(kOurLink, "192.0.2.10", RTM_DELADDR)) == Verdict::doubt);
  CHECK(verdict_on(address(kOurLink, "192.0.2.10", RTM_NEWADDR)) == Verdict::ignore);
  CHECK(verdict_on(address(kOtherLink, "192.0.2.10", RTM_DELADDR)) == Verdict::ignore);
  CHECK(verdict_on(address(kOurLink, "2001:db8::10", RTM_DELADDR)) == Verdict::ignore);
}

std::string numbered_route(std::uint32_t number) {
  return "10." + std::to_string(number >> 16 & 255) + "." + std::to_string(number >> 8 & 255) + "." +
         std::to_string(number & 255) + "/32";
}

// A routing table that comes and goes, as on a router that loses its neighbour again and again.
void forgets_routes_that_are_gone() {
  RouteWatch watch;
  watch.begin({kOurLink});
  watch.learn_routes({});
  std::size_t most = 0;
  int doubts = 0;
  for (std::uint32_t number = 0; number < 60'000; ++number) {
    CHECK(judge(watch, route_by(kOurLink, numbered_route(number))) == Verdict::tell);
    const Verdict verdict = judge(watch, route_by(kOurLink, numbered_route(number), 0, RTM_DELROUTE));
    most = std::max(most, watch.size());
    if (verdict != Verdict::doubt) continue;
    ++doubts;
    watch.begin({kOurLink});
    watch.learn_routes({});
  }
  CHECK(doubts > 0 && doubts < 60);
  CHECK(most < 5'000);
  // One that is still there is known as before.
  judge(watch, route_by(kOurLink, "198.51.100.0/24"));
  CHECK(judge(watch, route_by(kOtherLink, "198.51.100.0/24", NLM_F_REPLACE)) == Verdict::doubt);
}

void keeps_nothing_for_a_reader_who_does_not_come() {
  RouteWatch watch;
  watch.begin({kOurLink});
  watch.learn_routes({});
  CHECK(judge(watch, link(kOurLink, 0)) == Verdict::doubt);
  for (std::uint32_t number = 0; number < 10'000; ++number) judge(watch, route_by(kOurLink, numbered_route(number)));
  CHECK(watch.size() == 0);
}

void keeps_no_storm_that_a_reader_meets() {
  RouteWatch watch;
  watch.begin({kOurLink});
  for (std::uint32_t number = 0; number < 100'000; ++number) {
    judge(watch, route_by(kOtherLink, numbered_route(number), NLM_F_REPLACE));
  }
  CHECK(watch.size() <= 65'536);
  CHECK(!watch.learn_routes({}));
  watch.begin({kOurLink});
  CHECK(watch.learn_routes({}));
}

constexpr std::uint32_t kLowerUp = 1 << 16;

bool reports_carrier(std::uint32_t flags, std::uint8_t carrier, std::uint8_t oper_state, std::uint32_t changes) {
  const Message message = link(kOurLink, flags, RTM_NEWLINK, [&](MessageBuilder& one) {
    one.attribute(IFLA_CARRIER, carrier);
    one.attribute(IFLA_OPERSTATE, oper_state);
    one.attribute(IFLA_CARRIER_CHANGES, changes);
  });
  return decode_link(message.view())->carrier_reported;
}

void tells_links_whose_carrier_means_something() {
  constexpr std::uint8_t kUnknown = 0, kDown = 2, kUp = 6;
  CHECK(reports_carrier(IFF_UP, 1, kUp, 0));
  CHECK(!reports_carrier(IFF_UP, 1, kUnknown, 0));
  // Linkwatch works the state out up to a second late.
  CHECK(reports_carrier(IFF_UP, 1, kUnknown, 1) && reports_carrier(IFF_UP, 0, kUnknown, 0));
  CHECK(!reports_carrier(0, 1, kDown, 0) && reports_carrier(0, 0, kDown, 0));
  const auto flags = decode_link(link(kOurLink, IFF_MULTICAST | IFF_NOARP).view());
  CHECK(flags->multicast && flags->no_arp && !flags->point_to_point && !flags->loopback);
  const auto others = decode_link(link(kOurLink, IFF_POINTOPOINT | IFF_LOOPBACK).view());
  CHECK(!others->multicast && !others->no_arp && others->point_to_point && others->loopback);
}

void tells_a_carrier_from_a_link_that_runs() {
  const auto dormant = decode_link(link(kOurLink, IFF_UP | kLowerUp).view());
  CHECK(dormant->carrier && dormant->lower_up && !dormant->running);
  CHECK(decode_link(link(kOurLink, IFF_UP | kLowerUp | IFF_RUNNING).view())->running);
}

std::uint32_t lower_of(const std::string& kind, std::uint32_t lower, bool elsewhere = false) {
  const Message message = link(kOurLink, IFF_UP, RTM_NEWLINK, [&](MessageBuilder& one) {
    one.attribute(IFLA_LINK, lower);
    if (elsewhere) one.attribute(IFLA_LINK_NETNSID, std::uint32_t{0});
    one.nested(IFLA_LINKINFO, [&] { one.text(IFLA_INFO_KIND, kind); });
  });
  return decode_link(message.view())->lower;
}

void tells_what_links_stand_on() {
  for (const char* kind : {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec"}) CHECK(lower_of(kind, 9) == 9);
  // The other end of a pair, and what a tunnel leaves by.
  for (const char* kind : {"veth", "netkit", "gre", "", "bond"}) CHECK(lower_of(kind, 9) == 0);
  CHECK(lower_of("macvlan", 9, true) == 0);
  CHECK(lower_of("macvlan", kOurLink) == 0);
  CHECK(decode_link(link(kOurLink, IFF_UP).view())->lower == 0);
}

}  // namespace

int main() {
  tells_ordinary_routes_alone();
  reads_gateways_of_both_families();
  reads_every_next_hop_and_stops_at_a_broken_one();
  tells_only_of_links_asked_about();
  doubts_what_replaces_a_route_once();
  reads_again_what_was_replaced_meanwhile();
  follows_next_hop_objects();
  doubts_what_a_next_hop_object_takes_along();
  doubts_the_routes_of_a_link_that_is_down();
  doubts_the_routes_of_a_lost_address();
  forgets_routes_that_are_gone();
  keeps_nothing_for_a_reader_who_does_not_come();
  keeps_no_storm_that_a_reader_meets();
  tells_links_whose_carrier_means_something();
  tells_a_carrier_from_a_link_that_runs();
  tells_what_links_stand_on();
  return ipmp::test::result();
}
