// A lock of a network namespace: one holder each, only with CAP_NET_RAW there, and gone with its process.
#pragma once

#include <cstdint>

#include "system/descriptor.h"

namespace ipmp {

// What /proc/net/packet shows of the socket that is the lock.
constexpr std::uint16_t lock_protocol = 0x88b5;

// Closing the descriptor gives it back. Throws SystemError: ENOSPC where somebody else holds the lock `id`.
Descriptor take_namespace_lock(std::uint16_t id);

}  // namespace ipmp
