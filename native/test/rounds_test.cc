// Whom a path asks next: everybody once a round, in changing orders, and nobody waits for too long.
#include "prober/rounds.h"

#include <algorithm>
#include <map>
#include <set>

#include "check.h"

using namespace ipmp;

namespace {

constexpr std::size_t kRounds = 200;

std::vector<std::vector<std::size_t>> rounds_of(std::size_t count, std::uint64_t seed = 7) {
  Dice dice(seed);
  Rounds rounds;
  std::vector<std::vector<std::size_t>> all(kRounds);
  for (auto& round : all)
    for (std::size_t i = 0; i < count; ++i) round.push_back(rounds.next(count, dice));
  return all;
}

void everybody_has_a_turn_in_each_round() {
  for (std::size_t count = 1; count <= 7; ++count)
    for (auto round : rounds_of(count)) {
      std::ranges::sort(round);
      for (std::size_t i = 0; i < count; ++i) CHECK(round[i] == i);
    }
}

void nobody_waits_for_longer_than_a_verdict_takes() {
  for (std::size_t count = 1; count <= Rounds::kLongestWait; ++count) {
    std::map<std::size_t, std::size_t> asked;
    std::size_t probe = 0;
    for (const auto& round : rounds_of(count))
      for (const auto place : round) {
        if (asked.contains(place)) CHECK(probe - asked[place] <= Rounds::kLongestWait);
        asked[place] = probe++;
      }
  }
}

void orders_change_where_that_leaves_time() {
  const auto orders = [](std::size_t count) {
    const auto rounds = rounds_of(count);
    return std::set(rounds.begin(), rounds.end()).size();
  };
  CHECK(orders(2) == 2 && orders(3) == 6 && orders(4) == 24);
  CHECK(orders(5) == 1 && orders(7) == 1);
}

void each_path_begins_with_an_order_of_its_own() {
  std::set<std::vector<std::size_t>> orders;
  for (std::uint64_t seed = 1; seed < 100; ++seed) orders.insert(rounds_of(5, seed << 32).front());
  CHECK(orders.size() > 40);
}

void another_count_begins_another_round() {
  Dice dice(7);
  Rounds rounds;
  for (int i = 0; i < 4; ++i) rounds.next(5, dice);
  std::set<std::size_t> asked;
  for (int i = 0; i < 3; ++i) asked.insert(rounds.next(3, dice));
  CHECK(asked.size() == 3);
}

}  // namespace

int main() {
  everybody_has_a_turn_in_each_round();
  nobody_waits_for_longer_than_a_verdict_takes();
  orders_change_where_that_leaves_time();
  each_path_begins_with_an_order_of_its_own();
  another_count_begins_another_round();
  return test::result();
}
