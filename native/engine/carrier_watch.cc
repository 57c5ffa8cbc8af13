#include "engine/carrier_watch.h"

#include <algorithm>
#include <set>

namespace ipmp {
namespace {

bool look(WatchedLink& link, const CarrierWatch::Report& report) {
  const auto now = steady_counts(link.files);
  if (!now) return false;
  const auto changes = carrier_changes(link.carrier, link.counts, *now);
  link.counts = *now;
  if (changes.empty()) return false;
  link.denied = false;
  if (link.testimony) link.testimony->kernel_says(changes.back());
  for (const bool carrier : changes) report(link, link.carrier = carrier);
  return true;
}

bool hear(WatchedLink& link, const CarrierWatch::Report& report) {
  if (!link.testimony) return false;
  const bool denies = link.testimony->denies();
  const bool changed = denies != link.denied;
  link.denied = denies;
  if (changed) report(link, !denies);
  if (link.testimony->is_disbelieved()) link.testimony.reset();
  return changed;
}

}  // namespace

std::optional<CarrierCounts> steady_counts(const CarrierFiles& files) {
  auto counts = files.counts();
  for (auto again = files.counts(); counts != again; again = files.counts()) counts = again;
  return counts;
}

std::vector<bool> carrier_changes(bool carrier, const CarrierCounts& before, const CarrierCounts& now) {
  // Losses and gains alternate, so that the number of both tells the carrier of today from that of yesterday.
  const std::uint64_t changes = (now.down - before.down) + (now.up - before.up);
  if (changes == 0) return {};
  if (changes % 2 == 0) return {!carrier, carrier};
  return {!carrier};
}

void CarrierWatch::replace(const std::vector<std::uint32_t>& indexes,
                           const std::function<std::optional<WatchedLink>(std::uint32_t)>& open) {
  // Only this thread changes the set, so that looking and opening need no common lock.
  std::vector<WatchedLink> added;
  for (const auto index : std::set(indexes.begin(), indexes.end())) {
    if (is_watched(index)) continue;
    if (auto link = open(index)) added.push_back(std::move(*link));
  }
  std::vector<WatchedLink> dropped;
  const std::lock_guard lock(mutex_);
  for (auto& link : links_) (std::ranges::count(indexes, link.index) ? added : dropped).push_back(std::move(link));
  links_ = std::move(added);
}

bool CarrierWatch::is_watched(std::uint32_t index) {
  const std::lock_guard lock(mutex_);
  return std::ranges::count(links_, index, &WatchedLink::index) > 0;
}

std::size_t CarrierWatch::size() {
  const std::lock_guard lock(mutex_);
  return links_.size();
}

bool CarrierWatch::poll(const Report& report) {
  const std::lock_guard lock(mutex_);
  bool changed = false;
  std::erase_if(links_, [&](WatchedLink& link) {
    const auto seen = link.files.counts();
    if (seen && *seen != link.counts) changed = look(link, report) || changed;
    if (seen) changed = hear(link, report) || changed;
    return !seen;
  });
  return changed;
}

std::vector<std::shared_ptr<Testimony>> CarrierWatch::testimonies() {
  std::vector<std::shared_ptr<Testimony>> testimonies;
  const std::lock_guard lock(mutex_);
  for (const auto& link : links_) if (link.testimony) testimonies.push_back(link.testimony);
  return testimonies;
}

std::vector<std::uint32_t> CarrierWatch::denied() {
  std::vector<std::uint32_t> denied;
  const std::lock_guard lock(mutex_);
  for (const auto& link : links_) if (link.testimony && link.testimony->denies()) denied.push_back(link.index);
  return denied;
}

bool CarrierWatch::is_reported_denied(std::uint32_t index) {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(links_, [&](const WatchedLink& link) { return link.index == index && link.denied; });
}

}  // namespace ipmp
