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

// Does a notice concern us at all? Routes of others and the bridge's own view of its ports do not.
bool is_relevant(const MessageView& message);

}  // namespace ipmp
