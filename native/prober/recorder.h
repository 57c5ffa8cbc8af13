// What became of probes, on its way to JavaScript.
#pragma once

#include <atomic>

#include "codec/ip_address.h"
#include "engine/ring.h"

namespace ipmp {

enum class ProbeFate : std::uint32_t { answered = 1, lost, unsent, refused, measured, discovered };

// The layout is that of RECORD in src/kernel/native-prober.ts. Times in ms, of CLOCK_MONOTONIC.
struct ProbeRecord {
  ProbeFate fate;
  std::uint32_t path;
  std::uint32_t target;
  std::uint32_t error;
  double sequence;
  double sent_at;
  double round_trip;
  double handled_at;
  std::array<std::uint8_t, 16> from;
};
static_assert(sizeof(ProbeRecord) == 64);

inline double milliseconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

// Puts records into the ring, and knows how urgently somebody should fetch them. Of the probing thread, but where said.
class Recorder {
 public:
  explicit Recorder(std::size_t records);

  void record(const ProbeRecord& record, std::int64_t now_ns);

  // Something waits to be fetched since then; nothing where nothing does.
  bool has_news() const { return oldest_ns_ != kNothing; }
  std::int64_t oldest_ns() const { return oldest_ns_; }
  // It can not wait: it may be what a verdict hangs on.
  bool is_urgent() const { return urgent_; }
  void told();

  // From any thread: whether ordinary answers are recorded at all.
  void want_answers(bool wanted) { wants_answers_.store(wanted, std::memory_order_relaxed); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  // The one thread that fetches.
  bool next(Bytes& record) { return ring_.pop(record); }
  bool empty() const { return ring_.empty(); }
  ByteView storage() const { return ring_.storage(); }

 private:
  static constexpr std::int64_t kNothing = INT64_MAX;

  Ring ring_;
  std::int64_t oldest_ns_ = kNothing;
  bool urgent_ = false;
  std::atomic<bool> wants_answers_{true};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace ipmp
