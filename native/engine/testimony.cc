#include "engine/testimony.h"

namespace ipmp {
namespace {

// The slowest driver looks every two seconds, rounded up to a full one. Who has said "no link" for longer than that, and the kernel still
// has the carrier, is wrong.
constexpr std::int64_t kBelievedForNs = 5'000'000'000;

// A link that comes back before the kernel has heard of anything must be steady: a tenth of a second, as it is asked.
constexpr int kLinksForReturn = 20;

}  // namespace

void Testimony::kernel_says(bool carrier) {
  const Belief now = carrier ? Belief::unproven : Belief::lost;
  auto before = belief_.load(std::memory_order_acquire);
  while (before != Belief::disbelieved && !belief_.compare_exchange_weak(before, now, std::memory_order_acq_rel)) {
  }
}

bool Testimony::is_wanted() const {
  const auto belief = belief_.load(std::memory_order_acquire);
  return belief != Belief::lost && belief != Belief::disbelieved;
}

// What the kernel says meanwhile wins: then nothing is turned.
bool Testimony::hear(std::optional<bool> link, std::int64_t now_ns) {
  switch (belief_.load(std::memory_order_acquire)) {
    case Belief::unproven:
      if (link == true) turn(Belief::unproven, Belief::agreed);
      return false;
    case Belief::agreed:
      if (link != false) return false;
      since_ns_ = now_ns;
      links_in_a_row_ = 0;
      return turn(Belief::agreed, Belief::denied);
    case Belief::denied:
      return hear_again(link, now_ns);
    default:
      return false;
  }
}

bool Testimony::hear_again(std::optional<bool> link, std::int64_t now_ns) {
  // Set down by the administrator, say: the kernel has nothing to agree to.
  if (!link) since_ns_ = now_ns;
  links_in_a_row_ = link == true ? links_in_a_row_ + 1 : 0;
  if (links_in_a_row_ >= kLinksForReturn) return turn(Belief::denied, Belief::agreed);
  if (now_ns - since_ns_ < kBelievedForNs) return false;
  return turn(Belief::denied, Belief::disbelieved);
}

}  // namespace ipmp
