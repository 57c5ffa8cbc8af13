// Who is at the other end of a unix socket.
#pragma once

#include <sys/types.h>

namespace ipmp {

// The user that connected, as the kernel noted it then. Throws SystemError.
uid_t peer_user(int descriptor);

}  // namespace ipmp
