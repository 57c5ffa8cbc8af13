// Armed failover plans: made ready as bytes beforehand, so that at the moment of loss there is nothing left to decide.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "codec/frames.h"
#include "codec/message.h"
#include "system/exchange.h"
#include "system/packet_socket.h"

namespace ipmp {

struct Plan {
  // The link whose loss it is for.
  std::uint32_t index;
  // The links of the members that are lost with it: itself, or what stands on it.
  std::vector<std::uint32_t> members;
  std::vector<Frame> frames;
  MessageBatch requests;
};

using Plans = std::vector<Plan>;

// Shared by the JavaScript thread, which replaces the set, and the I/O thread; both take plans out.
class PlanBook {
 public:
  // The set before is freed by the caller, outside the lock.
  void replace(Plans plans);
  // Link `index` is lost: takes its plans out, one for each group. Those of the links lost with it are dropped: they were made for
  // that link alone, and would move data to another one that is lost, too. A plan fires once.
  Plans take_lost(std::uint32_t index);
  // One member has failed, and nothing that stands on its link: takes its plan out.
  Plans take_failed(std::uint32_t index);
  // How many were taken out since the start.
  std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  template <typename IsMeant>
  Plans take(IsMeant is_meant);

  std::mutex mutex_;
  Plans plans_;
  std::atomic<std::uint64_t> taken_{0};
};

// Frames first: they need no lock of the kernel's. Whatever is refused is left to the machine, which repeats what is missing.
void carry_out(const Plans& plans, PacketSocket& packets, Exchange& requests);

}  // namespace ipmp
