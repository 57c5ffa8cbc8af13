// When a driver is believed against the kernel, and when no more.
#include "engine/testimony.h"

#include "check.h"

using namespace ipmp;

namespace {

constexpr std::int64_t kMs = 1'000'000;

void agree(Testimony& testimony) {
  testimony.hear(true, 0);
}

void hear_links(Testimony& testimony, int count) {
  for (int i = 0; i < count; ++i) testimony.hear(true, 0);
}

void says_nothing_before_it_has_agreed() {
  Testimony testimony(1, "eth0", true);
  CHECK(!testimony.hear(false, 0) && !testimony.hear(std::nullopt, 0) && !testimony.denies());
  agree(testimony);
  CHECK(testimony.hear(false, 0) && testimony.denies());
}

void has_to_agree_anew_each_time_that_the_carrier_comes() {
  Testimony testimony(1, "eth0", true);
  agree(testimony);
  testimony.kernel_says(false);
  CHECK(!testimony.is_wanted());
  testimony.kernel_says(true);
  CHECK(testimony.is_wanted() && !testimony.hear(false, 0) && !testimony.denies());
}

void ends_when_the_kernel_knows() {
  Testimony testimony(1, "eth0", true);
  agree(testimony);
  testimony.hear(false, 0);
  testimony.kernel_says(false);
  CHECK(!testimony.denies() && !testimony.is_wanted());
  CHECK(!testimony.hear(true, 0) && !testimony.denies());
}

void a_link_that_comes_back_must_be_steady() {
  Testimony testimony(1, "eth0", true);
  agree(testimony);
  testimony.hear(false, 0);
  hear_links(testimony, 19);
  testimony.hear(false, 0);
  hear_links(testimony, 19);
  CHECK(testimony.denies());
  CHECK(testimony.hear(true, 0) && !testimony.denies());
  // And it is believed the next time.
  CHECK(testimony.hear(false, 0) && testimony.denies());
}

void no_answer_is_no_denial_and_no_return() {
  Testimony testimony(1, "eth0", true);
  agree(testimony);
  CHECK(!testimony.hear(std::nullopt, 0) && !testimony.denies());
  testimony.hear(false, 0);
  CHECK(!testimony.hear(std::nullopt, 60'000 * kMs) && testimony.denies());
}

void who_is_contradicted_for_long_is_not_believed_again() {
  Testimony testimony(1, "eth0", true);
  agree(testimony);
  testimony.hear(false, 0);
  CHECK(!testimony.hear(false, 4'999 * kMs) && testimony.denies());
  CHECK(testimony.hear(false, 5'000 * kMs) && !testimony.denies() && testimony.is_disbelieved());
  testimony.kernel_says(false);
  testimony.kernel_says(true);
  CHECK(testimony.is_disbelieved() && !testimony.is_wanted());
}

}  // namespace

int main() {
  says_nothing_before_it_has_agreed();
  has_to_agree_anew_each_time_that_the_carrier_comes();
  ends_when_the_kernel_knows();
  a_link_that_comes_back_must_be_steady();
  no_answer_is_no_denial_and_no_return();
  who_is_contradicted_for_long_is_not_believed_again();
  return ipmp::test::result();
}
