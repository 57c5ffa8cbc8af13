#include "engine/route_watch.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "codec/decode.h"

namespace ipmp {
namespace {

// Below this what has gone costs less than reading anew.
constexpr std::size_t kFewGone = 1024;

// A reader who meets so many replacements has to begin again in any case.
constexpr std::size_t kMostReplaced = 65'536;

}  // namespace

void RouteWatch::begin(const std::vector<std::uint32_t>& links) {
  // Freed after the lock is, like everything large here: the I/O thread must not wait for it.
  std::set<Key> told;
  std::set<Key> replaced;
  const std::lock_guard lock(mutex_);
  links_ = std::set(links.begin(), links.end());
  next_hops_.clear();
  told_.swap(told);
  gone_ = 0;
  replaced_.swap(replaced);
  replaced_any_ = false;
  reading_ = true;
  doubtful_ = false;
}

void RouteWatch::learn_next_hops(const std::vector<NextHop>& hops) {
  const std::lock_guard lock(mutex_);
  // Groups have single ones as members, which must be known before.
  for (const bool groups : {false, true}) {
    for (const auto& hop : hops) {
      if (hop.group.empty() != groups && leads_here(hop)) next_hops_.insert(hop.id);
    }
  }
}

bool RouteWatch::learn_routes(const std::vector<OtherRoute>& routes) {
  std::set<Key> learned;
  for (const auto& route : routes) learned.insert({route.destination, route.metric});
  const std::lock_guard lock(mutex_);
  const bool steady =
      !replaced_any_ && std::ranges::none_of(replaced_, [&](const Key& key) { return learned.contains(key); });
  learned.merge(told_);
  told_.swap(learned);
  replaced_.clear();
  reading_ = false;
  return steady;
}

std::vector<std::uint32_t> RouteWatch::links() {
  const std::lock_guard lock(mutex_);
  return {links_.begin(), links_.end()};
}

std::size_t RouteWatch::size() {
  const std::lock_guard lock(mutex_);
  return told_.size() + replaced_.size();
}

RouteWatch::Verdict RouteWatch::judge(const MessageView& message) {
  const std::lock_guard lock(mutex_);
  if (links_.empty()) return Verdict::ignore;
  switch (message.header.nlmsg_type) {
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return judge_route(message);
    case RTM_NEWNEXTHOP:
    case RTM_DELNEXTHOP:
      return judge_next_hop(message);
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return judge_link(message);
    case RTM_DELADDR:
      return judge_lost_address(message);
    default:
      return Verdict::ignore;
  }
}

RouteWatch::Verdict RouteWatch::judge_route(const MessageView& message) {
  const auto routes = decode_other_routes(message);
  if (routes.empty()) return Verdict::ignore;
  const Key key{routes.front().destination, routes.front().metric};
  const bool added = message.header.nlmsg_type == RTM_NEWROUTE;
  if (added && (message.header.nlmsg_flags & NLM_F_REPLACE)) {
    if (reading_) note_replaced(key);
    if (told_.contains(key)) return doubt();
  }
  if (std::ranges::none_of(routes, [&](const OtherRoute& route) { return leads_here(route); })) return Verdict::ignore;
  if (!added) return forget(key);
  if (!doubtful_) told_.insert(key);
  return Verdict::tell;
}

// A route that has gone can not simply be struck out: another one that looks the same may be left, whose replacement would then
// not be noticed. So where many have gone the routes are read anew.
RouteWatch::Verdict RouteWatch::forget(const Key& key) {
  if (told_.contains(key)) ++gone_;
  return gone_ > kFewGone + told_.size() / 2 ? doubt() : Verdict::tell;
}

void RouteWatch::note_replaced(const Key& key) {
  if (replaced_.size() < kMostReplaced) replaced_.insert(key);
  else replaced_any_ = true;
}

// No notice comes for the routes by a next hop that is changed or removed. Ours change at every failover, and no stranger's
// route is by one of ours.
RouteWatch::Verdict RouteWatch::judge_next_hop(const MessageView& message) {
  const auto hop = decode_next_hop(message);
  if (!hop) return Verdict::ignore;
  const bool led_here = next_hops_.erase(hop->id) > 0;
  const bool removed = message.header.nlmsg_type == RTM_DELNEXTHOP;
  const bool leads = !removed && leads_here(*hop);
  if (leads) next_hops_.insert(hop->id);
  const bool replaces = message.header.nlmsg_flags & NLM_F_REPLACE;
  const bool concerns = led_here || (leads && replaces);
  return concerns && hop->protocol != kOurProtocol ? doubt() : Verdict::ignore;
}

// When a link goes down the kernel drops its IPv4 routes without a word.
RouteWatch::Verdict RouteWatch::judge_link(const MessageView& message) {
  const auto link = decode_link(message);
  if (!link || !links_.contains(link->index)) return Verdict::ignore;
  return message.header.nlmsg_type == RTM_NEWLINK && link->admin_up ? Verdict::ignore : doubt();
}

// With its last IPv4 address a link loses all its IPv4 routes; older kernels are also silent on those whose source it was.
RouteWatch::Verdict RouteWatch::judge_lost_address(const MessageView& message) {
  const auto lost = decode_address(message);
  return lost && lost->address.family == AF_INET && links_.contains(lost->index) ? doubt() : Verdict::ignore;
}

RouteWatch::Verdict RouteWatch::doubt() {
  return std::exchange(doubtful_, true) ? Verdict::ignore : Verdict::doubt;
}

bool RouteWatch::leads_here(const OtherRoute& route) const {
  return links_.contains(route.index) || next_hops_.contains(route.next_hop_id);
}

bool RouteWatch::leads_here(const NextHop& hop) const {
  return links_.contains(hop.index) ||
         std::ranges::any_of(hop.group, [&](std::uint32_t id) { return next_hops_.contains(id); });
}

}  // namespace ipmp
