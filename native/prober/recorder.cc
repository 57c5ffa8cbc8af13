#include "prober/recorder.h"

namespace ipmp {
namespace {

// With the length that the ring puts before each.
constexpr std::size_t kBytesPerRecord = sizeof(ProbeRecord) + sizeof(std::uint32_t);

bool may_wait(ProbeFate fate) {
  return fate == ProbeFate::answered || fate == ProbeFate::measured || fate == ProbeFate::unsent;
}

}  // namespace

Recorder::Recorder(std::size_t records) : ring_(records * kBytesPerRecord) {}

void Recorder::record(const ProbeRecord& record, std::int64_t now_ns) {
  if (record.fate == ProbeFate::answered && !wants_answers_.load(std::memory_order_relaxed)) return;
  if (!ring_.push(ByteView(reinterpret_cast<const std::uint8_t*>(&record), sizeof record))) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (!has_news()) oldest_ns_ = now_ns;
  urgent_ = urgent_ || !may_wait(record.fate);
}

void Recorder::told() {
  oldest_ns_ = kNothing;
  urgent_ = false;
}

}  // namespace ipmp
