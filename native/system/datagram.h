// One datagram to a unix socket: Node has no such socket type, and a service manager is told so.
#pragma once

#include <chrono>
#include <string>

namespace ipmp {

// `path` is a file name, or '@' and an abstract name. Waits at most so long for somebody to read there. Throws SystemError: EAGAIN where nobody did.
void send_datagram(const std::string& path, const std::string& text, std::chrono::milliseconds wait);

}  // namespace ipmp
