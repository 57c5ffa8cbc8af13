#include "addon/dumps.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>

#include "addon/to_javascript.h"
#include "codec/decode.h"
#include "codec/requests.h"
#include "system/error.h"

namespace ipmp {
namespace {

// Where routes are replaced again and again while we read, the last reading has to do: the next notice raises a doubt.
constexpr int kRouteReadings = 4;

template <typename Object>
std::vector<Object> read_all(Exchange& exchange, std::initializer_list<MessageBatch> requests,
                             std::optional<Object> (*decode)(const MessageView&)) {
  std::vector<Object> seen;
  for (const auto& request : requests) {
    const std::size_t kept = seen.size();
    exchange.dump(
        request, [&](const MessageView& message) { if (auto object = decode(message)) seen.push_back(*object); },
        [&] { seen.resize(kept); });
  }
  return seen;
}

// A route with several next hops is dumped for each of their links.
void read_routes_by_link(Exchange& exchange, std::uint8_t family, std::uint32_t link, std::vector<OtherRoute>& seen) {
  const std::size_t kept = seen.size();
  const auto take = [&](const MessageView& message) {
    std::ranges::copy_if(decode_other_routes(message), std::back_inserter(seen), [&](const OtherRoute& route) {
      return route.index == link || route.next_hop_id != 0;
    });
  };
  try {
    exchange.dump(routes_by_link_dump(family, link), take, [&] { seen.resize(kept); });
  } catch (const SystemError& error) {
    // ENODEV: the link is gone. ENOENT: the main table, which the kernel makes for its first route.
    if (error.error != ENODEV && error.error != ENOENT) throw;
  }
}

std::vector<OtherRoute> read_other_routes(Exchange& exchange, const std::vector<std::uint32_t>& links) {
  std::vector<OtherRoute> seen;
  for (const auto link : links) {
    for (const int family : {AF_INET, AF_INET6}) {
      read_routes_by_link(exchange, static_cast<std::uint8_t>(family), link, seen);
    }
  }
  return seen;
}

struct Routing {
  std::vector<NextHop> next_hops;
  std::vector<OtherRoute> other_routes;
};

Routing read_routing(Exchange& exchange, RouteWatch& watch, const std::vector<std::uint32_t>& links) {
  for (int reading = 1;; ++reading) {
    watch.begin(links);
    Routing routing{read_all<NextHop>(exchange, {next_hops_dump()}, decode_next_hop), {}};
    watch.learn_next_hops(routing.next_hops);
    routing.other_routes = read_other_routes(exchange, links);
    if (watch.learn_routes(routing.other_routes) || reading == kRouteReadings) return routing;
  }
}

std::vector<std::uint32_t> indexes_of(const std::vector<Link>& links, const std::vector<std::string>& names) {
  std::vector<std::uint32_t> indexes;
  for (const auto& link : links) {
    if (std::ranges::count(names, link.name) > 0) indexes.push_back(link.index);
  }
  return indexes;
}

// Before and after, since the kernel may come to know meanwhile: then one of the two is told as it was.
std::vector<Link> read_links(Exchange& exchange, const Denied& denied) {
  auto without = denied();
  auto links = read_all<Link>(exchange, {links_dump()}, decode_link);
  std::ranges::copy(denied(), std::back_inserter(without));
  for (auto& link : links) if (std::ranges::count(without, link.index) > 0) link.carrier = false;
  return links;
}

template <typename Object>
Napi::Array array_of(Napi::Env env, const std::vector<Object>& objects) {
  Napi::Array all = Napi::Array::New(env, objects.size());
  for (std::uint32_t i = 0; i < objects.size(); ++i) {
    const Napi::HandleScope scope(env);
    all.Set(i, Napi::Value(env, to_javascript(env, objects[i])));
  }
  return all;
}

}  // namespace

std::optional<Link> query_link(Exchange& exchange, MessageBatch request) {
  std::optional<Link> link;
  Acknowledgement refusal;
  exchange.query(std::move(request), [&](const MessageView& message) { link = decode_link(message); }, refusal);
  return link;
}

Napi::Object picture_of(Napi::Env env, Exchange& exchange, RouteWatch& watch, const Denied& denied,
                        const std::vector<std::string>& names) {
  const auto links = read_links(exchange, denied);
  const auto addresses = read_all<InterfaceAddress>(exchange, {addresses_dump()}, decode_address);
  const auto routes = read_all<Route>(exchange, {routes_dump(AF_INET), routes_dump(AF_INET6)}, decode_route);
  const auto routing = read_routing(exchange, watch, indexes_of(links, names));
  Napi::Object picture = Napi::Object::New(env);
  picture.Set("links", array_of(env, links));
  picture.Set("addresses", array_of(env, addresses));
  picture.Set("nextHops", array_of(env, routing.next_hops));
  picture.Set("routes", array_of(env, routes));
  picture.Set("otherRoutes", array_of(env, routing.other_routes));
  return picture;
}

Napi::Array other_routes_of(Napi::Env env, Exchange& exchange, RouteWatch& watch) {
  const auto links = watch.links();
  // The loss of a link or an address is reported before routes are dropped for it, under a lock that dumps of routes do
  // not wait for. This does.
  if (!links.empty()) query_link(exchange, link_query(links.front()));
  return array_of(env, read_routing(exchange, watch, links).other_routes);
}

}  // namespace ipmp
