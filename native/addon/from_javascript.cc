#include "addon/from_javascript.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>

#include "codec/requests.h"

namespace ipmp {
namespace {

constexpr std::uint32_t kMostBurst = 1024;

[[noreturn]] void refuse(Napi::Env env, const std::string& what, const std::string& needed) {
  throw Napi::TypeError::New(env, "ipmp native: " + what + " is needed to be " + needed);
}

std::string text_of(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsString()) refuse(from.Env(), name, "a string");
  return value.As<Napi::String>();
}

std::uint32_t number_of(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) refuse(from.Env(), name, "a number");
  return value.As<Napi::Number>().Uint32Value();
}

bool flag_of(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsBoolean()) refuse(from.Env(), name, "a boolean");
  return value.As<Napi::Boolean>();
}

template <typename Each>
void for_each(const Napi::Value& list, Each each) {
  if (!list.IsArray()) refuse(list.Env(), "the list", "an array");
  const auto array = list.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::HandleScope scope(list.Env());
    each(array.Get(i));
  }
}

Napi::Object object_of(const Napi::Value& value) {
  if (!value.IsObject()) refuse(value.Env(), "the entry", "an object");
  return value.As<Napi::Object>();
}

IpAddress address_of(const Napi::Object& from, const char* name) {
  const std::string text = text_of(from, name);
  const auto address = parse_ip_address(text);
  if (!address) refuse(from.Env(), std::string(name) + " '" + text + "'", "an IP address");
  return *address;
}

std::optional<IpAddress> optional_address_of(const Napi::Object& from, const char* name) {
  if (text_of(from, name).empty()) return std::nullopt;
  return address_of(from, name);
}

HardwareAddress hardware_address_of(const Napi::Object& from) {
  const std::string text = text_of(from, "hardwareAddress");
  const auto address = parse_hardware_address(text);
  if (!address) refuse(from.Env(), "hardwareAddress '" + text + "'", "six octets in colon form");
  return *address;
}

IpPrefix destination_of(const Napi::Object& from) {
  const std::string text = text_of(from, "destination");
  const auto prefix = parse_ip_prefix(text);
  if (!prefix) refuse(from.Env(), "destination '" + text + "'", "a prefix such as 192.0.2.0/24");
  return *prefix;
}

std::uint8_t named_number(const Napi::Object& from, const char* name,
                          const std::map<std::string, std::uint8_t>& numbers) {
  const std::string text = text_of(from, name);
  const auto found = numbers.find(text);
  if (found == numbers.end()) refuse(from.Env(), std::string(name) + " '" + text + "'", "one of those known");
  return found->second;
}

std::uint8_t scope_of(const Napi::Object& from) {
  static const std::map<std::string, std::uint8_t> kScopes{
      {"universe", RT_SCOPE_UNIVERSE}, {"link", RT_SCOPE_LINK}, {"host", RT_SCOPE_HOST}};
  return named_number(from, "scope", kScopes);
}

std::uint8_t route_type_of(const Napi::Object& from) {
  static const std::map<std::string, std::uint8_t> kTypes{
      {"unicast", RTN_UNICAST}, {"local", RTN_LOCAL}, {"broadcast", RTN_BROADCAST}};
  return named_number(from, "type", kTypes);
}

InterfaceAddress interface_address_from(const Napi::Object& from) {
  InterfaceAddress address;
  address.index = number_of(from, "index");
  address.address = address_of(from, "address");
  const std::uint32_t length = number_of(from, "prefixLength");
  if (length > address.address.length() * 8) refuse(from.Env(), "prefixLength", "at most 32 or 128");
  address.prefix_length = static_cast<std::uint8_t>(length);
  return address;
}

Route route_from(const Napi::Object& request) {
  const Napi::Object from = object_of(request.Get("route"));
  Route route;
  route.destination = destination_of(from);
  route.table = number_of(from, "table");
  route.metric = number_of(from, "metric");
  route.type = route_type_of(from);
  route.scope = scope_of(from);
  route.next_hop_id = number_of(from, "nextHopId");
  route.index = number_of(from, "index");
  route.source = optional_address_of(from, "source");
  return route;
}

Request set_address_from(const Napi::Object& from) {
  SetAddress request{interface_address_from(from), flag_of(from, "replace")};
  request.address.scope = scope_of(from);
  request.address.deprecated = flag_of(from, "deprecated");
  return request;
}

std::uint8_t family_of(const Napi::Object& from) {
  const std::uint32_t family = number_of(from, "family");
  if (family != 4 && family != 6) refuse(from.Env(), "family", "4 or 6");
  return family == 6 ? AF_INET6 : AF_INET;
}

Request set_next_hop_from(const Napi::Object& from) {
  NextHop hop;
  hop.id = number_of(from, "id");
  hop.index = number_of(from, "index");
  hop.family = family_of(from);
  hop.gateway = optional_address_of(from, "gateway");
  if (hop.gateway && hop.gateway->family != hop.family) refuse(from.Env(), "gateway", "of the family of its next hop");
  return SetNextHop{hop};
}

Request set_group_from(const Napi::Object& from) {
  NextHop hop;
  hop.id = number_of(from, "id");
  hop.group = indexes_from(from.Get("group"));
  if (hop.group.empty()) refuse(from.Env(), "group", "at least one next-hop id");
  return SetNextHop{hop};
}

using Reader = Request (*)(const Napi::Object&);

const std::map<std::string, Reader> kReaders{
    {"create-link", [](const Napi::Object& from) -> Request { return CreateLink{text_of(from, "name"), text_of(from, "kind")}; }},
    {"dress-link", [](const Napi::Object& from) -> Request { return DressLink{number_of(from, "index"), text_of(from, "alias")}; }},
    {"quiet-link", [](const Napi::Object& from) -> Request { return QuietLink{number_of(from, "index")}; }},
    {"set-link-up", [](const Napi::Object& from) -> Request { return SetLinkUp{number_of(from, "index")}; }},
    {"remove-link", [](const Napi::Object& from) -> Request { return RemoveLink{number_of(from, "index")}; }},
    {"set-address", set_address_from},
    {"remove-address", [](const Napi::Object& from) -> Request { return RemoveAddress{interface_address_from(from)}; }},
    {"set-next-hop", set_next_hop_from},
    {"set-next-hop-group", set_group_from},
    {"remove-next-hop", [](const Napi::Object& from) -> Request { return RemoveNextHop{number_of(from, "id")}; }},
    {"set-route", [](const Napi::Object& from) -> Request { return SetRoute{route_from(from), flag_of(from, "replace")}; }},
    {"remove-route", [](const Napi::Object& from) -> Request { return RemoveRoute{route_from(from)}; }},
};

Request request_from(const Napi::Object& from) {
  const std::string op = text_of(from, "op");
  const auto reader = kReaders.find(op);
  if (reader == kReaders.end()) refuse(from.Env(), "op '" + op + "'", "a request that rtnetlink knows");
  return reader->second(from);
}

Plan plan_from(const Napi::Object& from) {
  return Plan{number_of(from, "index"), indexes_from(from.Get("members")), frames_from(from.Get("announcements")),
              requests_from(from.Get("requests"))};
}

// From a microsecond, below which nothing could be scheduled, to a day.
std::int64_t duration_of(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  const double ms = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  if (!(ms >= 0.001 && ms <= 86'400'000)) refuse(from.Env(), name, "a number of milliseconds, 0.001 to a day");
  return static_cast<std::int64_t>(ms * 1e6);
}

PlannedTarget planned_target_from(const Napi::Object& from, std::uint8_t family) {
  PlannedTarget target{number_of(from, "id"), address_of(from, "address"), duration_of(from, "timeoutMs")};
  if (target.address.family != family) refuse(from.Env(), "address", "of the family of its path");
  return target;
}

PathPlan path_from(const Napi::Object& from) {
  static const std::map<std::string, std::uint8_t> kMethods{{"echo", 0}, {"arp", 1}};
  PathPlan path{};
  path.id = number_of(from, "id");
  path.index = number_of(from, "index");
  path.method = named_number(from, "method", kMethods) == 0 ? ProbeMethod::echo : ProbeMethod::arp;
  path.source = address_of(from, "source");
  path.family = path.source.family;
  path.interval_ns = duration_of(from, "intervalMs");
  path.detection_interval_ns = duration_of(from, "detectionIntervalMs");
  path.burst = number_of(from, "burst");
  path.discover = flag_of(from, "discover");
  path.second_opinion = flag_of(from, "secondOpinion");
  if (path.burst < 1 || path.burst > kMostBurst) refuse(from.Env(), "burst", "1 to 1024");
  if (path.method == ProbeMethod::arp && path.family != AF_INET) refuse(from.Env(), "method 'arp'", "with IPv4");
  for_each(from.Get("targets"), [&](const Napi::Value& value) {
    path.targets.push_back(planned_target_from(object_of(value), path.family));
  });
  return path;
}

}  // namespace

std::vector<std::uint32_t> indexes_from(const Napi::Value& list) {
  std::vector<std::uint32_t> indexes;
  for_each(list, [&](const Napi::Value& value) {
    if (!value.IsNumber()) refuse(value.Env(), "the entry", "a number");
    indexes.push_back(value.As<Napi::Number>().Uint32Value());
  });
  return indexes;
}

std::vector<std::string> texts_from(const Napi::Value& list) {
  std::vector<std::string> texts;
  for_each(list, [&](const Napi::Value& value) {
    if (!value.IsString()) refuse(value.Env(), "the entry", "a string");
    texts.push_back(value.As<Napi::String>());
  });
  return texts;
}

MessageBatch requests_from(const Napi::Value& list) {
  MessageBatch batch;
  for_each(list, [&](const Napi::Value& value) { encode(batch, request_from(object_of(value))); });
  return batch;
}

std::vector<Frame> frames_from(const Napi::Value& announcements) {
  std::vector<Frame> frames;
  for_each(announcements, [&](const Napi::Value& value) {
    const Napi::Object from = object_of(value);
    const Announcement about{number_of(from, "index"), hardware_address_of(from), address_of(from, "address")};
    std::ranges::move(announcement_frames(about), std::back_inserter(frames));
  });
  return frames;
}

std::vector<PathPlan> paths_from(const Napi::Value& list) {
  std::vector<PathPlan> paths;
  for_each(list, [&](const Napi::Value& value) { paths.push_back(path_from(object_of(value))); });
  return paths;
}

Plans plans_from(const Napi::Value& list) {
  Plans plans;
  for_each(list, [&](const Napi::Value& value) { plans.push_back(plan_from(object_of(value))); });
  return plans;
}

}  // namespace ipmp
