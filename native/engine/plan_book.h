// Armed failover plans: made ready as bytes beforehand, so that at the moment of loss there is nothing left to decide.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "codec/frames.h"
#include "codec/message.h"
#include "system/exchange.h"
#include "system/packet_socket.h"

namespace ipmp {

struct Plan {
  std::vector<Frame> frames;
  MessageBatch requests;
};

using Plans = std::map<std::uint32_t, Plan>;

// Shared by the JavaScript thread, which replaces the set, and the I/O thread; both take plans out.
class PlanBook {
 public:
  // The set before is freed by the caller, outside the lock.
  void replace(Plans plans);
  // Takes the plan of link `index` out: a plan fires once.
  std::optional<Plan> take(std::uint32_t index);
  // How many were taken out since the start.
  std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  Plans plans_;
  std::atomic<std::uint64_t> taken_{0};
};

// Frames first: they need no lock of the kernel's. Whatever is refused is left to the machine, which repeats what is missing.
void carry_out(const Plan& plan, PacketSocket& packets, Exchange& requests);

}  // namespace ipmp
