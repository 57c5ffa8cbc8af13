#include "system/peer.h"

#include <sys/socket.h>

#include "system/error.h"

namespace ipmp {

uid_t peer_user(int descriptor) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) fail("asking who has connected");
  return peer.uid;
}

}  // namespace ipmp
