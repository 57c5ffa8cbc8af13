// What became of every packet of a numbered flow, and the figures that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lab {

/// Loss as runs of consecutive numbers. Times are those of sending: the sender's clock is the one that is paced.
struct LostRun {
  uint64_t first = 0;
  uint64_t count = 0;
  int64_t from_ns = 0;
  int64_t to_ns = 0;
};

class PacketRecord {
 public:
  /// `expected`: packets to have room for before the first growth.
  explicit PacketRecord(size_t expected);

  /// Number of the next packet, noted as sent at `now`.
  uint64_t sent(int64_t now);

  /// Notes an arrival; numbers that were never sent are ignored.
  void arrived(uint64_t number, int64_t when);

  uint64_t next() const { return sent_ns_.size(); }
  bool any_arrived() const { return arrivals_ > 0; }

  void mark();
  void cut() { end_ = next(); }

  /// True when every packet of the window has arrived.
  bool complete() const;

  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }
  bool has_arrived(uint64_t number) const { return arrived_ns_[number] != 0; }
  int64_t sent_at(uint64_t number) const { return sent_ns_[number]; }

  std::vector<LostRun> lost_runs() const;

  /// Members of the window's report, as the inside of a JSON object.
  std::string figures() const;

 private:
  std::vector<int64_t> sent_ns_;
  std::vector<int64_t> arrived_ns_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  uint64_t arrivals_ = 0;
  uint64_t duplicates_ = 0;
};

}  // namespace lab
