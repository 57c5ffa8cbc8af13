// Sends ready-made Ethernet frames.
#pragma once

#include <vector>

#include "codec/frames.h"
#include "system/descriptor.h"

namespace ipmp {

class PacketSocket {
 public:
  PacketSocket();

  // One sendmmsg where all goes well. A frame that can not leave (link gone or down) is skipped: the rest must go out.
  // Returns how many left.
  std::size_t send(const std::vector<Frame>& frames);

 private:
  Descriptor descriptor_;
};

}  // namespace ipmp
