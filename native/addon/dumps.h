// Reads everything that concerns us, as JavaScript values.
#pragma once

#include <napi.h>

#include "engine/route_watch.h"
#include "system/exchange.h"

namespace ipmp {

// { links, addresses, nextHops, routes, otherRoutes }, the last for the links with these names, whose routes `watch`
// looks out for from now on. Throws SystemError.
Napi::Object picture_of(Napi::Env env, Exchange& exchange, RouteWatch& watch, const std::vector<std::string>& names);

// The routes of others once more, for the same links.
Napi::Array other_routes_of(Napi::Env env, Exchange& exchange, RouteWatch& watch);

// Nothing where there is no such link.
std::optional<Link> query_link(Exchange& exchange, MessageBatch request);

}  // namespace ipmp
