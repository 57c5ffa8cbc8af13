// A rtnetlink socket: opened, sized, read and written. What the bytes mean is the codec's business.
#pragma once

#include <functional>
#include <vector>

#include "codec/bytes.h"
#include "system/descriptor.h"

namespace ipmp {

class NetlinkSocket {
 public:
  // Strict checking (the kernel filters dumps) and extended acknowledgements; both buffers of `buffer_bytes`, beyond the
  // system's limit where we may.
  explicit NetlinkSocket(int buffer_bytes);

  // Joins multicast groups, RTNLGRP_*.
  void subscribe(const std::vector<int>& groups);

  // One sendmsg; the kernel works the requests off before it returns. Throws SystemError.
  void send(ByteView messages);

  enum class Reception { data, nothing, lost };
  // Reads one datagram into `buffer`. `nothing`: none is waiting. `lost`: the kernel dropped some (ENOBUFS).
  Reception receive(Bytes& buffer, ByteView& datagram, bool wait);

  int descriptor() const { return descriptor_.number(); }
  // As granted, in the kernel's own count (twice what was asked for, overhead included).
  int receive_buffer_bytes() const;

 private:
  Descriptor descriptor_;
};

// Large enough for what the kernel puts into one datagram of a dump.
inline constexpr std::size_t kDatagramBytes = 64 * 1024;

}  // namespace ipmp
