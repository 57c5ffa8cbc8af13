#include "system/output.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "system/error.h"

namespace ipmp {
namespace {

bool has_room(int descriptor) {
  pollfd wanted{descriptor, POLLOUT, 0};
  return poll(&wanted, 1, 0) != 0;
}

ssize_t put(int descriptor, const void* bytes, std::size_t size) {
  const ssize_t sent = send(descriptor, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  if (!has_room(descriptor)) {
    errno = EAGAIN;
    return -1;
  }
  // A pipe with any room at all takes so much at once.
  return write(descriptor, bytes, std::min<std::size_t>(size, PIPE_BUF));
}

}  // namespace

std::size_t write_now(int descriptor, const void* bytes, std::size_t size) {
  const ssize_t taken = put(descriptor, bytes, size);
  if (taken >= 0) return static_cast<std::size_t>(taken);
  if (errno == EAGAIN || errno == EINTR) return 0;
  fail("writing");
}

}  // namespace ipmp
