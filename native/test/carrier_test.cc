// What the carrier counters say about what happened between two looks.
#include "check.h"
#include "engine/carrier_watch.h"

using namespace ipmp;

int main() {
  using Changes = std::vector<bool>;
  CHECK(carrier_changes(true, {3, 3}, {3, 3}) == Changes{});
  CHECK(carrier_changes(true, {3, 3}, {4, 3}) == Changes{false});
  CHECK(carrier_changes(false, {4, 3}, {4, 4}) == Changes{true});
  // A bounce must not go unnoticed: the kernel has dropped next hops meanwhile.
  CHECK((carrier_changes(true, {3, 3}, {4, 4}) == Changes{false, true}));
  CHECK((carrier_changes(false, {4, 3}, {5, 4}) == Changes{true, false}));
  CHECK(carrier_changes(true, {3, 3}, {5, 4}) == Changes{false});
  return ipmp::test::result();
}
