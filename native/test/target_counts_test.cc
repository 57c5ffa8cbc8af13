// What is counted of a target.
#include "prober/target_counts.h"

#include <cmath>

#include "check.h"

using namespace ipmp;

namespace {

bool is_near(double left, double right) {
  return std::abs(left - right) < 1e-9;
}

void nothing_is_known_at_first() {
  const TargetCounts counts;
  CHECK(std::isnan(counts.mean()) && std::isnan(counts.minimum()) && std::isnan(counts.loss_rate()));
}

// T60: first answer after 10 ms.
void the_first_sample_is_the_mean() {
  TargetCounts counts;
  counts.add_answer(10, false);
  CHECK(is_near(counts.mean(), 10) && is_near(counts.deviation(), 5));
  counts.add_answer(18, false);
  CHECK(is_near(counts.mean(), 11) && is_near(counts.deviation(), 5.75));
  CHECK(is_near(counts.minimum(), 10) && is_near(counts.maximum(), 18));
}

void the_loss_rate_is_that_of_the_last_hundred() {
  TargetCounts counts;
  for (int i = 0; i < 50; ++i) counts.add_loss();
  CHECK(is_near(counts.loss_rate(), 1));
  for (int i = 0; i < 75; ++i) counts.add_answer(1, false);
  CHECK(is_near(counts.loss_rate(), 0.25));
  for (int i = 0; i < 25; ++i) counts.add_answer(1, false);
  CHECK(is_near(counts.loss_rate(), 0));
  CHECK(counts.lost == 50 && counts.answered == 100);
}

void a_late_answer_takes_the_loss_back_but_was_late() {
  TargetCounts counts;
  counts.add_loss();
  counts.add_answer(2'000, true);
  CHECK(counts.lost == 0 && counts.answered == 1 && counts.late == 1);
  CHECK(is_near(counts.loss_rate(), 1));
}

}  // namespace

int main() {
  nothing_is_known_at_first();
  the_first_sample_is_the_mean();
  the_loss_rate_is_that_of_the_last_hundred();
  a_late_answer_takes_the_loss_back_but_was_late();
  return test::result();
}
