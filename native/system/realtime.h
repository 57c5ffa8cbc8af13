// What our threads ask of the scheduler and of memory. All of it may be refused: then it works, only later.
#pragma once

#include <string>

#include "codec/bytes.h"

namespace ipmp {

// Above everything ordinary, below what an administrator gives to interrupt threads (50) on purpose. Who repairs traffic goes
// before who only measures.
enum class Priority : int { measure = 9, repair = 10 };

// SCHED_FIFO for the calling thread, not inherited by what it starts. "" or the reason why not.
std::string enter_realtime(Priority priority);

// Locks these bytes and touches them. "" or the reason why not.
std::string lock_memory(ByteView bytes);

// Locks the part of the calling thread's stack that it may come to use.
std::string lock_stack();

}  // namespace ipmp
