// Writing without ever waiting, to a descriptor whose open file description others may share: its flags stay as they are.
#pragma once

#include <cstddef>

namespace ipmp {

// How many bytes were taken; 0 where whoever is at the other end would have to read first. A terminal, or a pipe that others write
// into at the same moment, may make it wait all the same, unless the descriptor itself is non-blocking. Throws SystemError.
std::size_t write_now(int descriptor, const void* bytes, std::size_t size);

}  // namespace ipmp
