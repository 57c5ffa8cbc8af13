// What is to be probed, as handed down by JavaScript.
#pragma once

#include <string>
#include <vector>

#include "codec/ip_address.h"

namespace ipmp {

enum class ProbeMethod { echo, arp };

struct PlannedTarget {
  std::uint32_t id;
  IpAddress address;
  // An answer that takes longer is late.
  std::int64_t timeout_ns;
};

// One source on one link, and whom it asks.
struct PathPlan {
  std::uint32_t id;
  std::uint32_t index;
  std::uint8_t family;
  ProbeMethod method;
  IpAddress source;
  std::int64_t interval_ns;
  // Of the probes that count; those in between only measure.
  std::int64_t detection_interval_ns;
  // So many counted probes leave in each step.
  std::uint32_t burst;
  // Ask the group of all hosts with every step.
  bool discover;
  // After a loss ask past the table of neighbours, too; see second_opinion.h. Of echo only.
  bool second_opinion;
  std::vector<PlannedTarget> targets;
};

}  // namespace ipmp
