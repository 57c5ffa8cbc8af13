#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include "lab/cable.h"
#include "lab/system.h"
#include "lab/tap.h"

namespace lab {

namespace {

constexpr int kCardEnd = 0;
constexpr int kPortEnd = 1;

// So many frames of one end before the others get their turn.
constexpr int kFramesPerTurn = 64;

class TapCable final : public Cable {
 public:
  explicit TapCable(CableEnds ends)
      : ends_(std::move(ends)), port_(ends_.port, ends_.port_namespace) {
    set_present(true);
  }

  int64_t set_carrier(bool on) override {
    carrier_ = on;
    const int64_t when = monotonic_ns();
    if (card_) card_->set_carrier(on);
    port_.set_carrier(on && card_);
    return when;
  }

  bool set_blackhole(bool at_card, bool at_port) override {
    blackhole_ = {at_card, at_port};
    return true;
  }

  bool impair(const Impairments& impairments) override {
    for (ImpairedPath& path : paths_) path.set(impairments);
    return true;
  }

  bool set_present(bool present) override {
    if (present == (card_ != nullptr)) return true;
    card_ = present ? std::make_unique<Tap>(ends_.card, ends_.card_namespace) : nullptr;
    set_carrier(carrier_);
    return true;
  }

  int descriptor(int end) const override {
    if (end == kPortEnd) return port_.descriptor();
    return card_ ? card_->descriptor() : -1;
  }

  void forward(int end) override {
    const int from = descriptor(end);
    for (int turn = 0; turn < kFramesPerTurn; ++turn) {
      const ssize_t length = read(from, frame_.data(), frame_.size());
      if (length <= 0) return;
      if (blackhole_[end]) continue;
      const std::span<const char> frame(frame_.data(), static_cast<size_t>(length));
      if (paths_[end].is_clean()) {
        arrive(end, frame);
      } else {
        paths_[end].enter(frame, monotonic_ns());
      }
    }
  }

  int64_t next_arrival() const override {
    const int64_t from_card = paths_[kCardEnd].next_arrival();
    const int64_t from_port = paths_[kPortEnd].next_arrival();
    if (from_card < 0 || from_port < 0) return std::max(from_card, from_port);
    return std::min(from_card, from_port);
  }

  void deliver() override {
    const int64_t now = monotonic_ns();
    for (const int end : {kCardEnd, kPortEnd}) {
      for (Frame frame = paths_[end].leave(now); !frame.empty(); frame = paths_[end].leave(now)) arrive(end, frame);
    }
  }

 private:
  // A frame that entered at `end` comes out at the other one.
  void arrive(int end, std::span<const char> frame) const {
    const int to = descriptor(end == kCardEnd ? kPortEnd : kCardEnd);
    if (!carrier_ || to < 0) return;
    // A refused frame (device down, queue full) is lost, as on a real cable.
    [[maybe_unused]] const ssize_t written = write(to, frame.data(), frame.size());
  }

  CableEnds ends_;
  Tap port_;
  std::unique_ptr<Tap> card_;
  bool carrier_ = true;
  // By the end at which frames enter.
  std::array<bool, 2> blackhole_{};
  std::array<ImpairedPath, 2> paths_{ImpairedPath(kCardEnd), ImpairedPath(kPortEnd)};
  std::array<char, 65536> frame_{};
};

}  // namespace

std::unique_ptr<Cable> make_tap_cable(const CableEnds& ends) { return std::make_unique<TapCable>(ends); }

}  // namespace lab
