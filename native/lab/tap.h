// A tap device: made by opening it, gone when closed.
#pragma once

#include <string>

namespace lab {

class Tap {
 public:
  /// Makes device `name` in namespace `network_namespace`, non-blocking, without carrier troubles: carrier is on.
  Tap(const std::string& name, const std::string& network_namespace);
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  int descriptor() const { return descriptor_; }

  /// TUNSETCARRIER: takes effect within the system call, the link event follows when the kernel likes.
  void set_carrier(bool on) const;

 private:
  int descriptor_ = -1;
};

}  // namespace lab
