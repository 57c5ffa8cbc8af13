#include "engine/plan_book.h"

#include "system/error.h"

namespace ipmp {

void PlanBook::replace(Plans plans) {
  const std::lock_guard lock(mutex_);
  plans_.swap(plans);
}

std::optional<Plan> PlanBook::take(std::uint32_t index) {
  Plans::node_type taken;
  {
    const std::lock_guard lock(mutex_);
    taken = plans_.extract(index);
  }
  if (taken.empty()) return std::nullopt;
  taken_.fetch_add(1, std::memory_order_relaxed);
  return std::move(taken.mapped());
}

void carry_out(const Plan& plan, PacketSocket& packets, Exchange& requests) {
  packets.send(plan.frames);
  try {
    requests.send_only(plan.requests);
    requests.drain();
  } catch (const SystemError&) {
    // The machine hears of the loss next and repeats what is missing; frames are out in any case.
  }
}

}  // namespace ipmp
