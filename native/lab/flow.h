// One measured flow.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lab/endpoint.h"

namespace lab {

struct FlowSettings {
  std::string name;
  Endpoint from;
  Endpoint to;
  uint16_t port = 0;
  int64_t interval_ns = 0;
};

class Flow {
 public:
  virtual ~Flow() = default;

  /// Sends what is due at `now`.
  virtual void send_due(int64_t now) = 0;

  /// The next moment at which something is due.
  virtual int64_t due() const = 0;

  /// Takes everything that has arrived.
  virtual void receive() = 0;

  /// True once traffic has got through, so that measuring makes sense.
  virtual bool flowing() const = 0;

  /// A new window begins: reports tell of what is sent from now on.
  virtual void mark() = 0;

  /// The window ends with what was sent so far; later traffic belongs to the next report.
  virtual void cut() = 0;

  /// True when everything up to the cut has arrived: no need to wait longer.
  virtual bool complete() const = 0;

  /// The window from mark to cut as a JSON object.
  virtual std::string report() const = 0;
};

std::unique_ptr<Flow> make_udp_flow(const FlowSettings& settings);
std::unique_ptr<Flow> make_tcp_flow(const FlowSettings& settings);

}  // namespace lab
