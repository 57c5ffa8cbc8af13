// When probes leave: jitter within its bounds, missed steps accounted for, slow steps that only measure in between.
#include "prober/pace.h"

#include <algorithm>

#include "check.h"

using namespace ipmp;

namespace {

constexpr std::int64_t kMs = 1'000'000;

// T55: T = 1428 ms, gaps within half to one and a half steps.
void gaps_are_within_half_to_one_and_a_half_steps() {
  for (const std::int64_t step : {std::int64_t{1'428} * kMs, std::int64_t{14} * kMs, std::int64_t{1'428'571}}) {
    Dice dice(7);
    Pace pace(step, step, 1'000 * kMs, dice);
    CHECK(pace.next_ns() >= 1'000 * kMs && pace.next_ns() <= 1'000 * kMs + step);
    std::vector<Step> steps;
    pace.take_steps(pace.next_ns(), steps, dice);
    const std::int64_t first = pace.next_ns();
    std::int64_t before = first;
    constexpr int kProbes = 1'000;
    for (int i = 0; i < kProbes; ++i) {
      pace.take_steps(before, steps, dice);
      CHECK(steps.size() == 1 && steps[0].counted);
      const std::int64_t gap = pace.next_ns() - before;
      CHECK(gap >= step / 2 && gap <= step + step / 2);
      CHECK(pace.next_ns() % quantum_of(step) == 0);
      before = pace.next_ns();
    }
    const std::int64_t mean = (before - first) / kProbes;
    CHECK(mean > step * 99 / 100 && mean < step * 101 / 100);
  }
}

void jitter_has_several_places_to_go() {
  for (const std::int64_t step : {std::int64_t{1'428} * kMs, std::int64_t{14} * kMs, std::int64_t{1'428'571}}) {
    CHECK(step / 2 / quantum_of(step) >= 4);
  }
  CHECK(quantum_of(1'000) == 1);
}

// T54: asleep for ten steps: nine are missed, and the tenth comes at once.
void a_long_sleep_is_accounted_for() {
  Dice dice(7);
  Pace pace(10 * kMs, 10 * kMs, 0, dice);
  std::vector<Step> steps;
  pace.take_steps(pace.next_ns(), steps, dice);
  const std::int64_t due = pace.next_ns();
  pace.take_steps(due + 99 * kMs, steps, dice);
  CHECK(steps.size() == 10);
  CHECK(std::ranges::all_of(steps, [](const Step& step) { return step.counted; }));
  for (std::size_t i = 1; i < steps.size(); ++i) CHECK(steps[i].due_ns - steps[i - 1].due_ns == 10 * kMs);
  CHECK(pace.next_ns() > due + 99 * kMs);
  CHECK(pace.next_ns() <= due + 99 * kMs + 20 * kMs);
}

void a_very_long_sleep_is_cut_short() {
  Dice dice(7);
  Pace pace(kMs, kMs, 0, dice);
  std::vector<Step> steps;
  pace.take_steps(3'600'000 * kMs, steps, dice);
  CHECK(steps.size() == Pace::kMostMissedTold + 1);
  CHECK(pace.next_ns() > 3'600'000 * kMs && pace.next_ns() < 3'600'003 * kMs);
}

void in_a_raised_time_most_only_measure() {
  Dice dice(7);
  Pace pace(10 * kMs, 40 * kMs, 0, dice);
  std::vector<Step> steps;
  int counted = 0;
  for (int i = 0; i < 400; ++i) {
    pace.take_steps(pace.next_ns(), steps, dice);
    counted += steps.back().counted;
  }
  CHECK(counted >= 99 && counted <= 101);
}

void a_faster_rhythm_does_not_wait_for_the_slow_one() {
  Dice dice(7);
  Pace pace(10'000 * kMs, 10'000 * kMs, 0, dice);
  std::vector<Step> steps;
  pace.take_steps(pace.next_ns(), steps, dice);
  const std::int64_t now = 11'000 * kMs;
  pace.adopt(10 * kMs, 10 * kMs, now);
  CHECK(pace.next_ns() <= now + 20 * kMs);
}

}  // namespace

int main() {
  gaps_are_within_half_to_one_and_a_half_steps();
  jitter_has_several_places_to_go();
  a_long_sleep_is_accounted_for();
  a_very_long_sleep_is_cut_short();
  in_a_raised_time_most_only_measure();
  a_faster_rhythm_does_not_wait_for_the_slow_one();
  return test::result();
}
