// Armed failover plans: made ready as bytes beforehand, so that at the moment of loss there is nothing left to decide.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "codec/frames.h"
#include "codec/message.h"

namespace ipmp {

struct Plan {
  std::vector<Frame> frames;
  MessageBatch requests;
};

using Plans = std::map<std::uint32_t, Plan>;

// Shared by the JavaScript thread, which replaces the set, and the I/O thread, which takes plans out.
class PlanBook {
 public:
  // The set before is freed by the caller, outside the lock.
  void replace(Plans plans);
  // Takes the plan of link `index` out: a plan fires once.
  std::optional<Plan> take(std::uint32_t index);

 private:
  std::mutex mutex_;
  Plans plans_;
};

}  // namespace ipmp
