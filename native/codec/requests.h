// Requests to the kernel -> rtnetlink messages, byte for byte; nothing is sent here.
#pragma once

#include "codec/message.h"
#include "codec/objects.h"

namespace ipmp {

// One message per request.
void encode(MessageBatch& batch, const Request& request);

// Dump requests, made for sockets with NETLINK_GET_STRICT_CHK: the kernel does the filtering.
MessageBatch links_dump();
MessageBatch addresses_dump();
MessageBatch next_hops_dump();
// Routes of our protocol in every table of the family.
MessageBatch routes_dump(std::uint8_t family);
// Unicast routes of the main table that leave by one link, whoever made them: of a table of a million others none is sent.
MessageBatch routes_by_link_dump(std::uint8_t family, std::uint32_t link);

// One link, by index or by name.
MessageBatch link_query(std::uint32_t index);
MessageBatch link_query(const std::string& name);

}  // namespace ipmp
