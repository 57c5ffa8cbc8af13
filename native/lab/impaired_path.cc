#include "lab/impaired_path.h"

namespace lab {

namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;
constexpr double kEverything = 100;

// An ARP frame is no longer: what is spoiled is the end of a payload, and still finds its way.
constexpr size_t kHeaderOctets = 14 + 28;

void corrupt(Frame& frame) {
  if (frame.size() > kHeaderOctets) frame.back() = static_cast<char>(~frame.back());
}

}  // namespace

void ImpairedPath::set(const Impairments& impairments) {
  impairments_ = impairments;
  chance_.seed(seed_);
}

void ImpairedPath::enter(std::span<const char> frame, int64_t now) {
  if (happens(impairments_.loss_percent)) return;
  Frame copy(frame.begin(), frame.end());
  if (happens(impairments_.corrupt_percent)) corrupt(copy);
  if (happens(impairments_.duplicate_percent)) send(copy, now);
  send(std::move(copy), now);
}

Frame ImpairedPath::leave(int64_t now) {
  if (under_way_.empty() || under_way_.begin()->first > now) return {};
  return std::move(under_way_.extract(under_way_.begin()).mapped());
}

// Not by std::bernoulli_distribution: what that makes of a generator's numbers differs between libraries.
bool ImpairedPath::happens(double percent) {
  return percent > 0 && chance_() * (kEverything / (1.0 + std::mt19937::max())) < percent;
}

void ImpairedPath::send(Frame frame, int64_t now) {
  const double share = impairments_.jitter_ms > 0 ? chance_() / static_cast<double>(std::mt19937::max()) : 0;
  const double wait_ms = impairments_.delay_ms + impairments_.jitter_ms * share;
  under_way_.emplace(now + static_cast<int64_t>(wait_ms * kNanosecondsPerMillisecond), std::move(frame));
}

}  // namespace lab
