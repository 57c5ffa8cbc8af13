// One datagram to a unix socket: Node has no such socket type, and a service manager is told so.
#pragma once

#include <string>

namespace ipmp {

// `path` is a file name, or '@' and an abstract name. Throws SystemError.
void send_datagram(const std::string& path, const std::string& text);

}  // namespace ipmp
