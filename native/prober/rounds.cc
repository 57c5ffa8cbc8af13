#include "prober/rounds.h"

#include <algorithm>

namespace ipmp {

std::size_t Rounds::next(std::size_t count, Dice& dice) {
  if (count != turns_.size()) {
    turns_.resize(count);
    for (std::size_t i = 0; i < count; ++i) turns_[i] = {i, i};
    draw(count, dice);
  } else if (at_ == count) {
    draw(kLongestWait - std::min(kLongestWait, count), dice);
  }
  return turns_[at_++].place;
}

// Those that are still to come stay in the order of their last turns: only the first of them can be in a hurry.
void Rounds::draw(std::size_t slack, Dice& dice) {
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    const bool hurries = turns_[i].last + slack <= i;
    const auto chosen = hurries ? i : i + static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(turns_.size() - i)));
    const auto at = [this](std::size_t turn) { return turns_.begin() + static_cast<std::ptrdiff_t>(turn); };
    std::rotate(at(i), at(chosen), at(chosen + 1));
  }
  for (std::size_t i = 0; i < turns_.size(); ++i) turns_[i].last = i;
  at_ = 0;
}

}  // namespace ipmp
