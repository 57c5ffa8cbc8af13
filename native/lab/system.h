// What both laboratory tools need from the system: one clock, plain failure, a visit to another network namespace.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace lab {

/// CLOCK_MONOTONIC in nanoseconds: the clock that Node's process.hrtime shows, too.
int64_t monotonic_ns();

/// CLOCK_REALTIME minus CLOCK_MONOTONIC, to bring kernel receive stamps (always realtime) to our clock.
int64_t realtime_offset_ns();

/// Says what was tried with the text of errno, and ends the program with status 1.
[[noreturn]] void fail_errno(const std::string& tried);

/// Says what is wrong and ends the program with the given status (2: the words are wrong).
[[noreturn]] void fail(const std::string& text, int status = 1);

/// The symbol of an errno that a flow can meet ("ENETUNREACH"), or its number as text.
std::string errno_name(int number);

/// Runs `work` inside the namespace /run/netns/NAME and comes back. Sockets made there stay there.
void inside_namespace(const std::string& name, const std::function<void()>& work);

/// SCHED_FIFO at a low priority and locked memory; false where the kernel does not allow it.
bool become_realtime(int priority);

/// One answer line on standard output, flushed: the other side waits for it.
void answer(const std::string& line);

}  // namespace lab
