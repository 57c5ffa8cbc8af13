// Reads everything that concerns us, as JavaScript values.
#pragma once

#include <napi.h>

#include <functional>

#include "engine/route_watch.h"
#include "system/exchange.h"

namespace ipmp {

// Indexes of the links whose carrier their drivers deny.
using Denied = std::function<std::vector<std::uint32_t>()>;

// { links, addresses, nextHops, routes, otherRoutes }, the last for the links with these names, whose routes `watch`
// looks out for from now on. The links that `denied` names have no carrier, whatever the kernel says. Throws SystemError.
Napi::Object picture_of(Napi::Env env, Exchange& exchange, RouteWatch& watch, const Denied& denied,
                        const std::vector<std::string>& names);

// The routes of others once more, for the same links.
Napi::Array other_routes_of(Napi::Env env, Exchange& exchange, RouteWatch& watch);

// Nothing where there is no such link.
std::optional<Link> query_link(Exchange& exchange, MessageBatch request);

}  // namespace ipmp
