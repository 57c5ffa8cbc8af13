// Whom a path asks next.
#pragma once

#include <vector>

#include "prober/pace.h"

namespace ipmp {

// Each target once in every round, in an order drawn anew for each: in one and the same order a path would ask right behind another one at
// every target, and where targets limit their answers it alone would get none. But none waits for more probes than make a verdict:
// one target that answers keeps a path alive, so in rounds of as many the first order stays.
class Rounds {
 public:
  static constexpr std::size_t kLongestWait = 5;

  // The place of the next of `count` targets; count > 0. Another count begins another round.
  std::size_t next(std::size_t count, Dice& dice);

 private:
  struct Turn {
    std::size_t place;
    std::size_t last;
  };

  void draw(std::size_t slack, Dice& dice);

  std::vector<Turn> turns_;
  std::size_t at_ = 0;
};

}  // namespace ipmp
