#include "system/datagram.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>

#include "system/descriptor.h"
#include "system/error.h"

namespace ipmp {

void send_datagram(const std::string& path, const std::string& text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    throw SystemError("addressing the unix socket '" + path + "'", ENAMETOOLONG);
  }
  path.copy(address.sun_path, path.size());
  const bool is_abstract = path.front() == '@';
  if (is_abstract) address.sun_path[0] = '\0';
  // A file name is counted with its NUL, an abstract name without.
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) fail("opening a unix socket");
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (sendto(socket.number(), text.data(), text.size(), MSG_NOSIGNAL, to, length) < 0) fail("sending to " + path);
}

}  // namespace ipmp
