// Picks those of everybody's route notices that are about the links we were asked about, so that a million routes of a
// routing daemon wake nobody.
//
// Some changes the kernel does not report, or not as a removal: a route that replaces another one, IPv4 routes that go with
// their link or its last address, routes whose next-hop object changes or goes. Those raise a doubt: the routes have to be read again.
#pragma once

#include <mutex>
#include <set>
#include <unordered_set>
#include <vector>

#include "codec/objects.h"
#include "codec/walk.h"

namespace ipmp {

class RouteWatch {
 public:
  enum class Verdict {
    ignore,
    // Pass the notice on.
    tell,
    // Report that the routes must be read again. Not repeated until somebody begins to.
    doubt,
  };

  // The reader, in this order: begin() before anything is read, then the next hops, then the routes. What is learned is
  // added to what was noticed meanwhile.
  void begin(const std::vector<std::uint32_t>& links);
  void learn_next_hops(const std::vector<NextHop>& hops);
  // False where a route may have been replaced while it was being read: begin again.
  bool learn_routes(const std::vector<OtherRoute>& routes);
  std::vector<std::uint32_t> links();
  // How much is kept in mind; see forget().
  std::size_t size();

  // The I/O thread: of every message, whether it concerns us by itself or not.
  Verdict judge(const MessageView& message);

 private:
  // What the kernel goes by when one route replaces another.
  struct Key {
    IpPrefix destination;
    std::uint32_t metric;
    auto operator<=>(const Key&) const = default;
  };

  Verdict judge_route(const MessageView& message);
  Verdict judge_next_hop(const MessageView& message);
  Verdict judge_link(const MessageView& message);
  Verdict judge_lost_address(const MessageView& message);
  Verdict doubt();
  Verdict forget(const Key& key);
  void note_replaced(const Key& key);
  bool leads_here(const OtherRoute& route) const;
  bool leads_here(const NextHop& hop) const;

  std::mutex mutex_;
  std::set<std::uint32_t> links_;
  // Next-hop objects, of whomever, that lead to one of these links.
  std::unordered_set<std::uint32_t> next_hops_;
  // Routes that we told of; one that has gone since does no harm. Nothing is added once there is a doubt: the next reader begins
  // anew.
  std::set<Key> told_;
  // So many of them were removed: perhaps, for routes that differ only in what is no part of the key look the same here.
  std::size_t gone_ = 0;
  // Replaced between begin() and learn_routes(), of whatever link.
  std::set<Key> replaced_;
  // Too many to be kept.
  bool replaced_any_ = false;
  bool reading_ = false;
  bool doubtful_ = false;
};

}  // namespace ipmp
