// A card that belongs to nobody, toggled to open the kernel's link-event window.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace lab {

class Tap;

/// The kernel handles plain cards' link events at most once per second, for the whole machine. Toggling this card and
/// waiting until its operational state followed means: that second has just begun, and the next loss is told late.
class SpareCard {
 public:
  SpareCard(std::string name, std::string network_namespace);
  ~SpareCard();

  void toggle();

  /// True when the kernel has handled the last toggle.
  bool settled() const;

 private:
  std::string name_;
  std::unique_ptr<Tap> tap_;
  int socket_ = -1;
  bool carrier_ = true;
};

}  // namespace lab
