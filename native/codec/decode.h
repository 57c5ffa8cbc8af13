// rtnetlink messages of the kernel -> objects. Nothing comes back for a message that is broken or of no use to us.
#pragma once

#include "codec/objects.h"
#include "codec/walk.h"

namespace ipmp {

std::optional<Link> decode_link(const MessageView& message);
std::optional<InterfaceAddress> decode_address(const MessageView& message);
std::optional<NextHop> decode_next_hop(const MessageView& message);
// Only unicast, local and broadcast routes: we make no others.
std::optional<Route> decode_route(const MessageView& message);

// Nothing but what is described at OtherRoute: no routes of ours, of one type of service or of some sources only, no copies
// that the kernel keeps for one destination, and for IPv6 none to link-local or multicast addresses, which every link has.
std::vector<OtherRoute> decode_other_routes(const MessageView& message);

// Does a notice concern us by itself? Routes of others (see RouteWatch) and the bridge's own view of its ports do not.
bool is_relevant(const MessageView& message);

// Of an RTM_NEWROUTE or RTM_DELROUTE.
bool is_our_route(const MessageView& message);

}  // namespace ipmp
