// The sockets of probes, opened in the calling thread's network namespace. All throw SystemError; all are close-on-exec and
// non-blocking, stamp what they receive, and never leave the link (TTL 1, bound to the interface).
#pragma once

#include "codec/ip_address.h"
#include "system/descriptor.h"

namespace ipmp {

// Raw ICMP or ICMPv6, bound to `source`; gets echo replies with this identifier only. `stamp_sent`: the driver's moment of each
// packet can be had from next_sent_stamp(), at the cost of one system call more.
Descriptor open_echo_socket(std::uint32_t index, const IpAddress& source, std::uint16_t identifier, bool stamp_sent);

// The next stamp of what was sent, oldest first, ns of CLOCK_REALTIME; 0 where there is none: a packet still waits, or its driver
// does not tell.
std::int64_t next_sent_stamp(int socket);

// Gets ARP replies only.
Descriptor open_arp_socket(std::uint32_t index);

// Sends packets by any link, in frames to hardware addresses of the sender's choice, and receives nothing. None where that is refused.
Descriptor open_copy_socket();

// Of the link with this index.
HardwareAddress hardware_address_of(std::uint32_t index);

}  // namespace ipmp
