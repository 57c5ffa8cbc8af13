#include <unistd.h>

#include <array>

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

  bool set_blackhole(bool on) override {
    blackhole_ = on;
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
    const int to = descriptor(end == kCardEnd ? kPortEnd : kCardEnd);
    for (int turn = 0; turn < kFramesPerTurn; ++turn) {
      const ssize_t length = read(from, frame_.data(), frame_.size());
      if (length <= 0) return;
      if (!carrier_ || blackhole_ || to < 0) continue;
      // A refused frame (device down, queue full) is lost, as on a real cable.
      [[maybe_unused]] const ssize_t written = write(to, frame_.data(), static_cast<size_t>(length));
    }
  }

 private:
  CableEnds ends_;
  Tap port_;
  std::unique_ptr<Tap> card_;
  bool carrier_ = true;
  bool blackhole_ = false;
  std::array<char, 65536> frame_{};
};

}  // namespace

std::unique_ptr<Cable> make_tap_cable(const CableEnds& ends) { return std::make_unique<TapCable>(ends); }

}  // namespace lab
