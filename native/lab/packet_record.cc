#include "lab/packet_record.h"

#include <algorithm>

#include "lab/json.h"

namespace lab {

namespace {

// On the way longer than this: late, though not lost. A quiet laboratory takes some ten microseconds.
constexpr int64_t kLateNs = 1'000'000;
constexpr int64_t kNanosecondsPerMicrosecond = 1000;

// A flow that stays broken has one run; more than this many is a lossy wire, and then the sums tell enough.
constexpr size_t kRunsReported = 200;

int64_t longest_step_us(std::vector<int64_t> moments) {
  std::sort(moments.begin(), moments.end());
  int64_t longest = 0;
  for (size_t index = 1; index < moments.size(); ++index) {
    longest = std::max(longest, moments[index] - moments[index - 1]);
  }
  return longest / kNanosecondsPerMicrosecond;
}

std::string runs_json(const std::vector<LostRun>& runs) {
  JsonWriter list('[');
  for (size_t index = 0; index < std::min(runs.size(), kRunsReported); ++index) {
    const LostRun& run = runs[index];
    JsonWriter entry('{');
    entry.number("firstSeq", run.first).number("count", run.count);
    entry.number("fromNs", run.from_ns).number("toNs", run.to_ns);
    list.element(entry.close());
  }
  return list.close();
}

}  // namespace

PacketRecord::PacketRecord(size_t expected) {
  sent_ns_.reserve(expected);
  arrived_ns_.reserve(expected);
}

uint64_t PacketRecord::sent(int64_t now) {
  sent_ns_.push_back(now);
  arrived_ns_.push_back(0);
  return sent_ns_.size() - 1;
}

void PacketRecord::arrived(uint64_t number, int64_t when) {
  if (number >= next()) return;
  if (arrived_ns_[number] != 0) {
    ++duplicates_;
    return;
  }
  arrived_ns_[number] = when;
  ++arrivals_;
}

void PacketRecord::mark() {
  begin_ = next();
  duplicates_ = 0;
}

bool PacketRecord::complete() const {
  // From the end: the newest packets are the ones still on the way.
  for (uint64_t number = end_; number > begin_; --number) {
    if (!has_arrived(number - 1)) return false;
  }
  return true;
}

std::vector<LostRun> PacketRecord::lost_runs() const {
  std::vector<LostRun> runs;
  for (uint64_t number = begin_; number < end_; ++number) {
    if (has_arrived(number)) continue;
    const bool continues = !runs.empty() && runs.back().first + runs.back().count == number;
    if (!continues) runs.push_back({number, 0, sent_at(number), 0});
    ++runs.back().count;
    runs.back().to_ns = sent_at(number);
  }
  return runs;
}

std::string PacketRecord::figures() const {
  std::vector<int64_t> arrivals;
  int64_t slowest = 0;
  uint64_t late = 0;
  for (uint64_t number = begin_; number < end_; ++number) {
    if (!has_arrived(number)) continue;
    arrivals.push_back(arrived_ns_[number]);
    const int64_t way = arrived_ns_[number] - sent_at(number);
    slowest = std::max(slowest, way);
    if (way > kLateNs) ++late;
  }
  JsonWriter result('{');
  result.number("sent", end_ - begin_).number("received", arrivals.size());
  result.number("lost", end_ - begin_ - arrivals.size()).number("duplicates", duplicates_);
  result.number("late", late).number("slowestUs", slowest / kNanosecondsPerMicrosecond);
  result.number("longestGapUs", longest_step_us(std::move(arrivals)));
  const auto first = sent_ns_.begin();
  result.number("longestSendGapUs",
                longest_step_us({first + static_cast<int64_t>(begin_), first + static_cast<int64_t>(end_)}));
  result.raw("lostRuns", runs_json(lost_runs()));
  const std::string text = result.close();
  return text.substr(1, text.size() - 2);
}

}  // namespace lab
