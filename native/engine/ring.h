// A bounded ring of byte records between exactly one writing and one reading thread. Never blocks, never grows.
#pragma once

#include <atomic>

#include "codec/bytes.h"

namespace ipmp {

class Ring {
 public:
  // Rounded up to a power of two.
  explicit Ring(std::size_t capacity_bytes);

  // Writer only. False, and nothing written, where the record does not fit now.
  bool push(ByteView record);
  // Reader only. Replaces the content of `record`; false where the ring is empty.
  bool pop(Bytes& record);
  // Reader only.
  bool empty() const { return read_.load(std::memory_order_relaxed) == written_.load(std::memory_order_acquire); }

  // Reader only: where what has been written until now ends, and whether everything before such an end has been read.
  std::size_t end() const { return written_.load(std::memory_order_acquire); }
  bool is_read_to(std::size_t end) const {
    return static_cast<std::ptrdiff_t>(read_.load(std::memory_order_relaxed) - end) >= 0;
  }

  // For locking into memory.
  ByteView storage() const { return storage_; }

 private:
  void write_at(std::size_t position, ByteView bytes);
  void read_at(std::size_t position, std::span<std::uint8_t> bytes) const;

  Bytes storage_;
  // Ever-growing counts of bytes; their difference is what waits. On cache lines of their own, against ping-pong.
  alignas(64) std::atomic<std::size_t> written_{0};
  alignas(64) std::atomic<std::size_t> read_{0};
};

}  // namespace ipmp
