#include "engine/plan_book.h"

#include <algorithm>
#include <iterator>

#include "system/error.h"

namespace ipmp {

void PlanBook::replace(Plans plans) {
  const std::lock_guard lock(mutex_);
  plans_.swap(plans);
}

// Whatever is taken out or dropped is freed behind the lock.
template <typename IsMeant>
Plans PlanBook::take(IsMeant is_meant) {
  Plans dropped;
  Plans taken;
  {
    const std::lock_guard lock(mutex_);
    const auto meant = std::stable_partition(plans_.begin(), plans_.end(), [&](const Plan& plan) { return !is_meant(plan); });
    std::move(meant, plans_.end(), std::back_inserter(taken));
    plans_.erase(meant, plans_.end());
    const auto is_lost = [&](std::uint32_t index) {
      return std::ranges::any_of(taken, [&](const Plan& plan) { return std::ranges::count(plan.members, index) > 0; });
    };
    const auto of_lost = std::stable_partition(plans_.begin(), plans_.end(), [&](const Plan& plan) { return !is_lost(plan.index); });
    std::move(of_lost, plans_.end(), std::back_inserter(dropped));
    plans_.erase(of_lost, plans_.end());
  }
  taken_.fetch_add(taken.size(), std::memory_order_relaxed);
  return taken;
}

Plans PlanBook::take_lost(std::uint32_t index) {
  return take([index](const Plan& plan) { return plan.index == index; });
}

Plans PlanBook::take_failed(std::uint32_t index) {
  return take([index](const Plan& plan) { return plan.index == index && plan.members == std::vector{index}; });
}

void carry_out(const Plans& plans, PacketSocket& packets, Exchange& requests) {
  for (const Plan& plan : plans) packets.send(plan.frames);
  try {
    for (const Plan& plan : plans) {
      requests.send_only(plan.requests);
      requests.drain();
    }
  } catch (const SystemError&) {
    // The machine hears of the loss next and repeats what is missing; frames are out in any case.
  }
}

}  // namespace ipmp
