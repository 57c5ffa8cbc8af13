// One direction of a bad cable: frames are lost, late, out of order, doubled or spoiled.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace lab {

using Frame = std::vector<char>;

/// What happens to frames by chance, in percent of them, and to their time. All 0: nothing.
struct Impairments {
  double loss_percent = 0;
  double duplicate_percent = 0;
  /// The last octet is not what it was.
  double corrupt_percent = 0;
  double delay_ms = 0;
  /// Each frame takes longer by 0 to so much, so that some overtake others.
  double jitter_ms = 0;

  bool operator==(const Impairments&) const = default;
};

class ImpairedPath {
 public:
  /// Paths of the same seed treat the same frames alike in every run.
  explicit ImpairedPath(uint32_t seed) : seed_(seed), chance_(seed) {}

  /// Frames from now on. Those on the way arrive when they would have.
  void set(const Impairments& impairments);

  bool is_clean() const { return impairments_ == Impairments{}; }

  /// A frame enters at `now` (monotonic ns).
  void enter(std::span<const char> frame, int64_t now);

  /// The next frame that has arrived by `now`, empty where there is none.
  Frame leave(int64_t now);

  /// When the next frame arrives (monotonic ns), or -1.
  int64_t next_arrival() const { return under_way_.empty() ? -1 : under_way_.begin()->first; }

 private:
  bool happens(double percent);
  void send(Frame frame, int64_t now);

  const uint32_t seed_;
  std::mt19937 chance_;
  Impairments impairments_;
  // By arrival; frames of the same moment keep their order.
  std::multimap<int64_t, Frame> under_way_;
};

}  // namespace lab
