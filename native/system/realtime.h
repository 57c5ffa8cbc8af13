// What the I/O thread asks of the scheduler and of memory. All of it may be refused: then it works, only later.
#pragma once

#include <string>

#include "codec/bytes.h"

namespace ipmp {

// SCHED_FIFO for the calling thread, not inherited by what it starts. "" or the reason why not.
std::string enter_realtime();

// Locks these bytes and touches them. "" or the reason why not.
std::string lock_memory(ByteView bytes);

// Locks the part of the calling thread's stack that it may come to use.
std::string lock_stack();

}  // namespace ipmp
