#include "system/datagram.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>

#include "system/descriptor.h"
#include "system/error.h"

namespace ipmp {
namespace {

// Nobody reads, or far too slowly: more than its queue takes would wait there for ever.
void limit_wait(const Descriptor& socket, std::chrono::milliseconds wait) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(wait - seconds);
  const timeval limit{seconds.count(), static_cast<suseconds_t>(rest.count())};
  if (setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0) fail("limiting a wait");
}

}  // namespace

void send_datagram(const std::string& path, const std::string& text, std::chrono::milliseconds wait) {
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
  const bool may_wait = wait.count() > 0;
  if (may_wait) limit_wait(socket, wait);
  const int flags = MSG_NOSIGNAL | (may_wait ? 0 : MSG_DONTWAIT);
  if (sendto(socket.number(), text.data(), text.size(), flags, to, length) >= 0) return;
  if (errno == EAGAIN) throw SystemError("sending to " + path, EAGAIN, "its queue is full, and nobody reads it");
  fail("sending to " + path);
}

}  // namespace ipmp
