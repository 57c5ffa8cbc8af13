#include "engine/ring.h"

#include <algorithm>
#include <bit>

namespace ipmp {
namespace {

using Length = std::uint32_t;

}  // namespace

Ring::Ring(std::size_t capacity_bytes) : storage_(std::bit_ceil(std::max<std::size_t>(capacity_bytes, 64))) {}

bool Ring::push(ByteView record) {
  const std::size_t start = written_.load(std::memory_order_relaxed);
  const std::size_t waiting = start - read_.load(std::memory_order_acquire);
  if (sizeof(Length) + record.size() > storage_.size() - waiting) return false;
  const auto length = static_cast<Length>(record.size());
  write_at(start, ByteView(reinterpret_cast<const std::uint8_t*>(&length), sizeof length));
  write_at(start + sizeof length, record);
  written_.store(start + sizeof length + record.size(), std::memory_order_release);
  return true;
}

bool Ring::pop(Bytes& record) {
  const std::size_t start = read_.load(std::memory_order_relaxed);
  if (start == written_.load(std::memory_order_acquire)) return false;
  Length length = 0;
  read_at(start, std::span(reinterpret_cast<std::uint8_t*>(&length), sizeof length));
  record.resize(length);
  read_at(start + sizeof length, record);
  read_.store(start + sizeof length + length, std::memory_order_release);
  return true;
}

void Ring::write_at(std::size_t position, ByteView bytes) {
  const std::size_t offset = position & (storage_.size() - 1);
  const std::size_t before_end = std::min(bytes.size(), storage_.size() - offset);
  std::ranges::copy(bytes.first(before_end), storage_.begin() + static_cast<std::ptrdiff_t>(offset));
  std::ranges::copy(bytes.subspan(before_end), storage_.begin());
}

void Ring::read_at(std::size_t position, std::span<std::uint8_t> bytes) const {
  const std::size_t offset = position & (storage_.size() - 1);
  const std::size_t before_end = std::min(bytes.size(), storage_.size() - offset);
  const ByteView stored(storage_);
  std::ranges::copy(stored.subspan(offset, before_end), bytes.begin());
  std::ranges::copy(stored.first(bytes.size() - before_end), bytes.begin() + static_cast<std::ptrdiff_t>(before_end));
}

}  // namespace ipmp
