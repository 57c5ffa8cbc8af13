// The ring: bounds, wrap-around, and one writer against one reader (run under the thread sanitizer, too).
#include "engine/ring.h"

#include <thread>

#include "check.h"

using namespace ipmp;

namespace {

Bytes record_of(std::uint32_t number) {
  Bytes record(4 + number % 29, static_cast<std::uint8_t>(number));
  std::memcpy(record.data(), &number, sizeof number);
  return record;
}

void refuses_what_does_not_fit() {
  Ring ring(64);
  CHECK(!ring.push(Bytes(61, 1)));
  CHECK(ring.push(Bytes(60, 1)));
  CHECK(!ring.push(Bytes(0)));
  Bytes record;
  CHECK(ring.pop(record) && record == Bytes(60, 1));
  CHECK(!ring.pop(record));
}

void keeps_order_and_content_across_threads() {
  constexpr std::uint32_t kRecords = 200'000;
  Ring ring(1024);
  std::thread writer([&] {
    for (std::uint32_t number = 0; number < kRecords; ++number) {
      while (!ring.push(record_of(number))) std::this_thread::yield();
    }
  });
  Bytes record;
  for (std::uint32_t number = 0; number < kRecords; ++number) {
    while (!ring.pop(record)) std::this_thread::yield();
    if (record != record_of(number)) CHECK(!"a record came out as it went in");
  }
  writer.join();
}

}  // namespace

int main() {
  refuses_what_does_not_fit();
  keeps_order_and_content_across_threads();
  return ipmp::test::result();
}
