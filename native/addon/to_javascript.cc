#include "addon/to_javascript.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "codec/decode.h"
#include "engine/io_thread.h"

namespace ipmp {
namespace {

// Writes one object property by property; after the first failure it writes no more and has no value.
class ObjectWriter {
 public:
  explicit ObjectWriter(napi_env env) : env_(env) { check(napi_create_object(env, &object_)); }

  ObjectWriter& set(const char* name, const std::string& text) {
    napi_value value = nullptr;
    check(napi_create_string_utf8(env_, text.data(), text.size(), &value));
    return set(name, value);
  }
  ObjectWriter& set(const char* name, std::uint32_t number) {
    napi_value value = nullptr;
    check(napi_create_uint32(env_, number, &value));
    return set(name, value);
  }
  ObjectWriter& set_flag(const char* name, bool flag) {
    napi_value value = nullptr;
    check(napi_get_boolean(env_, flag, &value));
    return set(name, value);
  }
  ObjectWriter& set(const char* name, napi_value value) {
    if (good_) check(value ? napi_set_named_property(env_, object_, name, value) : napi_generic_failure);
    return *this;
  }
  napi_value value() const { return good_ ? object_ : nullptr; }

 private:
  void check(napi_status status) { good_ = good_ && status == napi_ok; }

  napi_env env_;
  napi_value object_ = nullptr;
  bool good_ = true;
};

napi_value number_array(napi_env env, const std::vector<std::uint32_t>& numbers) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, numbers.size(), &array) != napi_ok) return nullptr;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    napi_value number = nullptr;
    if (napi_create_uint32(env, numbers[i], &number) != napi_ok) return nullptr;
    if (napi_set_element(env, array, static_cast<std::uint32_t>(i), number) != napi_ok) return nullptr;
  }
  return array;
}

std::uint32_t family_number(const IpAddress& address) {
  return address.family == AF_INET6 ? 6 : 4;
}

// Site scope and others between are as wide as the universe for our purposes.
const char* scope_name(std::uint8_t scope) {
  return scope == RT_SCOPE_LINK ? "link" : scope == RT_SCOPE_HOST ? "host" : "universe";
}

const char* route_type_name(std::uint8_t type) {
  return type == RTN_LOCAL ? "local" : type == RTN_BROADCAST ? "broadcast" : "unicast";
}

std::string text_or_empty(const std::optional<IpAddress>& address) {
  return address ? to_text(*address) : "";
}

template <typename Object>
bool object_notice(napi_env env, const char* kind, const char* property, const std::optional<Object>& object,
                   napi_value* notice) {
  if (!object) return false;
  *notice = ObjectWriter(env).set("kind", std::string(kind)).set(property, to_javascript(env, *object)).value();
  return true;
}

bool link_removed_notice(napi_env env, const std::optional<Link>& link, napi_value* notice) {
  if (!link) return false;
  ObjectWriter writer(env);
  *notice = writer.set("kind", std::string("link-removed")).set("index", link->index).set("name", link->name).value();
  return true;
}

bool next_hop_removed_notice(napi_env env, const std::optional<NextHop>& hop, napi_value* notice) {
  if (!hop) return false;
  *notice = ObjectWriter(env).set("kind", std::string("next-hop-removed")).set("id", hop->id).value();
  return true;
}

napi_value other_route_array(napi_env env, const std::vector<OtherRoute>& routes) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, routes.size(), &array) != napi_ok) return nullptr;
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    const napi_value route = to_javascript(env, routes[i]);
    if (route == nullptr || napi_set_element(env, array, i, route) != napi_ok) return nullptr;
  }
  return array;
}

bool route_notice(napi_env env, const MessageView& message, bool removed, napi_value* notice) {
  if (is_our_route(message)) {
    return object_notice(env, removed ? "route-removed" : "route", "route", decode_route(message), notice);
  }
  const std::string kind = removed ? "other-routes-removed" : "other-routes";
  const auto routes = other_route_array(env, decode_other_routes(message));
  *notice = ObjectWriter(env).set("kind", kind).set("routes", routes).value();
  return true;
}

bool routes_doubtful_notice(napi_env env, napi_value* notice) {
  *notice = ObjectWriter(env).set("kind", std::string("other-routes-doubtful")).value();
  return true;
}

bool carrier_notice(napi_env env, ByteView record, napi_value* notice) {
  if (record.size() != sizeof(CarrierRecord)) return false;
  const auto carrier = load<CarrierRecord>(record);
  ObjectWriter writer(env);
  writer.set("kind", std::string("carrier")).set("index", carrier.index);
  *notice = writer.set_flag("carrier", carrier.carrier).set_flag("fired", carrier.fired).value();
  return true;
}

bool link_notice(napi_env env, const MessageView& message, napi_value* notice) {
  auto link = decode_link(message);
  if (link && (message.header.nlmsg_flags & kCarrierDeniedFlag) != 0) link->carrier = false;
  return object_notice(env, "link", "link", link, notice);
}

bool disbelieved_notice(napi_env env, ByteView record, napi_value* notice) {
  if (record.size() != sizeof(DriverDisbelievedRecord)) return false;
  const auto disbelieved = load<DriverDisbelievedRecord>(record);
  ObjectWriter writer(env);
  *notice = writer.set("kind", std::string("driver-disbelieved")).set("name", std::string(disbelieved.name)).value();
  return true;
}

}  // namespace

napi_value to_javascript(napi_env env, const Link& link) {
  ObjectWriter writer(env);
  writer.set("index", link.index).set("name", link.name).set("hardwareAddress", link.hardware_address);
  writer.set_flag("adminUp", link.admin_up).set_flag("carrier", link.carrier).set("mtu", link.mtu);
  writer.set("master", link.master).set("lower", link.lower).set("carrierLosses", link.carrier_losses);
  writer.set_flag("carrierReported", link.carrier_reported).set_flag("running", link.running);
  writer.set_flag("multicast", link.multicast).set_flag("pointToPoint", link.point_to_point);
  writer.set_flag("loopback", link.loopback).set_flag("noArp", link.no_arp);
  return writer.set("kind", link.kind).set("alias", link.alias).value();
}

napi_value to_javascript(napi_env env, const InterfaceAddress& address) {
  ObjectWriter writer(env);
  writer.set("index", address.index).set("family", family_number(address.address));
  writer.set("address", to_text(address.address)).set("prefixLength", std::uint32_t{address.prefix_length});
  writer.set("scope", std::string(scope_name(address.scope))).set("protocol", std::uint32_t{address.protocol});
  return writer.set_flag("tentative", address.tentative).set_flag("deprecated", address.deprecated).value();
}

napi_value to_javascript(napi_env env, const NextHop& hop) {
  ObjectWriter writer(env);
  const std::uint32_t family = hop.family == AF_UNSPEC ? 0 : hop.family == AF_INET6 ? 6 : 4;
  writer.set("id", hop.id).set("protocol", std::uint32_t{hop.protocol}).set("family", family).set("index", hop.index);
  return writer.set("gateway", text_or_empty(hop.gateway)).set("group", number_array(env, hop.group)).value();
}

napi_value to_javascript(napi_env env, const Route& route) {
  const IpPrefix& destination = route.destination;
  ObjectWriter writer(env);
  writer.set("family", family_number(destination.address));
  writer.set("destination", to_text(destination));
  writer.set("table", route.table).set("metric", route.metric).set("type", std::string(route_type_name(route.type)));
  writer.set("scope", std::string(scope_name(route.scope))).set("protocol", std::uint32_t{route.protocol});
  writer.set("nextHopId", route.next_hop_id).set("index", route.index);
  return writer.set("source", text_or_empty(route.source)).value();
}

napi_value to_javascript(napi_env env, const OtherRoute& route) {
  ObjectWriter writer(env);
  writer.set("family", family_number(route.destination.address)).set("destination", to_text(route.destination));
  writer.set("metric", route.metric).set("protocol", std::uint32_t{route.protocol}).set("index", route.index);
  return writer.set("gateway", text_or_empty(route.gateway)).set("nextHopId", route.next_hop_id).value();
}

napi_value to_javascript(napi_env env, const Acknowledgement& answer) {
  napi_value done = nullptr;
  if (answer.error == 0) return napi_get_null(env, &done) == napi_ok ? done : nullptr;
  ObjectWriter writer(env);
  return writer.set("errno", static_cast<std::uint32_t>(answer.error)).set("text", answer.text).value();
}

bool notice_from(napi_env env, ByteView record, napi_value* notice) {
  ByteView rest = record;
  const auto message = next_message(rest);
  if (!message) return false;
  switch (message->header.nlmsg_type) {
    case kCarrierRecordType:
      return carrier_notice(env, record, notice);
    case RTM_NEWLINK:
      return link_notice(env, *message, notice);
    case RTM_DELLINK:
      return link_removed_notice(env, decode_link(*message), notice);
    case RTM_NEWADDR:
      return object_notice(env, "address", "address", decode_address(*message), notice);
    case RTM_DELADDR:
      return object_notice(env, "address-removed", "address", decode_address(*message), notice);
    case RTM_NEWNEXTHOP:
      return object_notice(env, "next-hop", "nextHop", decode_next_hop(*message), notice);
    case RTM_DELNEXTHOP:
      return next_hop_removed_notice(env, decode_next_hop(*message), notice);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return route_notice(env, *message, message->header.nlmsg_type == RTM_DELROUTE, notice);
    case kRoutesDoubtfulRecordType:
      return routes_doubtful_notice(env, notice);
    case kDriverDisbelievedRecordType:
      return disbelieved_notice(env, record, notice);
    default:
      return false;
  }
}

}  // namespace ipmp
