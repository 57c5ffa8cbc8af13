// One cable of the laboratory: a card in one namespace, a switch port in another, and a plug that can be pulled.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lab/impaired_path.h"

namespace lab {

struct CableEnds {
  std::string card;
  std::string card_namespace;
  std::string port;
  std::string port_namespace;
};

class Cable {
 public:
  virtual ~Cable() = default;

  /// Takes or gives the carrier at both ends. Returns the moment right before the card's end changed (monotonic ns).
  virtual int64_t set_carrier(bool on) = 0;

  /// Frames that enter at these ends vanish silently while the carrier stays. False: this kind of cable can not do it.
  virtual bool set_blackhole(bool at_card, bool at_port) = 0;

  /// Frames of both directions suffer this from now on. False: this kind of cable can not do it.
  virtual bool impair(const Impairments& impairments) = 0;

  /// Takes the card out of the machine, or puts a new one (new ifindex) of the same name in.
  virtual bool set_present(bool present) = 0;

  /// Descriptors to poll for frames, -1 where there is none; `forward` drains the named end.
  virtual int descriptor(int end) const = 0;
  virtual void forward(int end) = 0;

  /// When a delayed frame is to arrive (monotonic ns), or -1; `deliver` lets those arrive whose time has come.
  virtual int64_t next_arrival() const { return -1; }
  virtual void deliver() {}
};

/// A pair of tap devices; this process carries the frames. Its carrier behaves like that of a physical card: the kernel
/// treats a device whose iflink is its own ifindex as a plain one and rate-limits its link events.
std::unique_ptr<Cable> make_tap_cable(const CableEnds& ends);

/// A veth pair that exists already: the port's end goes administratively down, the kernel carries the frames.
std::unique_ptr<Cable> make_veth_cable(const CableEnds& ends);

}  // namespace lab
