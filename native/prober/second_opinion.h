// Whose probes go to all hosts of the link besides: those that the kernel's table of neighbours may be sending astray.
//
// That table believes whoever speaks last, so that forged entries make living hosts look silent. Once a probe is lost a copy of each
// next one leaves in a frame to all, past that table, until ten in plain frames have been answered in a row: now and then the table is
// right by chance, between two lies. Either answer is one to the probe, and only our token makes it one.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ipmp {

// Of a path, and of each of its targets.
class SecondOpinion {
 public:
  // A probe in a plain frame was lost, whatever became of its copy.
  void lose() { doubts_ = kAnswersToTrust; }
  // The answer came to a copy: there is a way, but not by the table.
  void hear_by_copy() { unheard_ = 0; }
  void hear_plainly() {
    if (doubts_ > 0) --doubts_;
    if (!is_astray() || doubts_ == 0) astray_ = 0;
    unheard_ = 0;
  }
  // A copy was answered, and the plain frame was not.
  void go_astray() {
    lose();
    astray_ = std::min(astray_ + 1, kAstrayToTell);
  }

  bool is_doubted() const { return doubts_ > 0; }
  // Ten plain frames in a row went astray, and not ten in a row have been answered since: that is no chance, the table is wrong.
  bool is_astray() const { return astray_ == kAstrayToTell; }
  // May a copy leave now, in the doubt? Where ten in a row were not answered only one of ten leaves: a host that is dead for good is not
  // asked for by all of the link for ever.
  bool take_turn() { return ++unheard_ <= kAtOnce || unheard_ % kSeldom == 0; }

 private:
  static constexpr std::uint32_t kAnswersToTrust = 10;
  // Twice as many as a verdict takes.
  static constexpr std::uint32_t kAtOnce = 10;
  static constexpr std::uint32_t kSeldom = 10;

  static constexpr std::uint32_t kAstrayToTell = 10;

  // Plain frames in a row.
  std::uint32_t astray_ = 0;
  // So many plain answers are missing.
  std::uint32_t doubts_ = 0;
  // Turns since the latest answer.
  std::uint32_t unheard_ = 0;
};

}  // namespace ipmp
