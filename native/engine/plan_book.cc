#include "engine/plan_book.h"

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
  return std::move(taken.mapped());
}

}  // namespace ipmp
