// The probing thread on the loopback link: two threads at work together (run under the thread sanitizer, too).
#include "prober/prober_thread.h"

#include <arpa/inet.h>

#include <condition_variable>

#include "check.h"
#include "system/error.h"

using namespace ipmp;

namespace {

constexpr std::uint32_t kLoopback = 1;

class Reader {
 public:
  explicit Reader(std::size_t ring_records = 1024) : prober_({false, ring_records}, space_) {
    prober_.start([this] {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      changed_.notify_one();
    });
  }

  ProberThread& prober() { return prober_; }

  // The next record that fits; others are passed over.
  template <typename Fits>
  ProbeRecord wait_for(Fits fits) {
    for (;;) {
      Bytes bytes;
      while (prober_.next_record(bytes)) {
        const auto record = load<ProbeRecord>(bytes);
        if (fits(record)) return record;
      }
      wait();
    }
  }

  std::vector<double> statistics() {
    prober_.ask_statistics();
    for (;;) {
      if (auto numbers = prober_.take_statistics()) return *numbers;
      wait();
    }
  }

 private:
  void wait() {
    if (!prober_.end_drain()) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return woken_; });
    woken_ = false;
  }

  NetworkNamespace space_{""};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  ProberThread prober_;
};

PathPlan path_to(std::uint32_t id, const char* target, std::uint32_t burst = 1) {
  PathPlan plan{id, kLoopback, AF_INET, ProbeMethod::echo, *parse_ip_address("127.0.0.1"), 2'000'000, 2'000'000, burst, false, true, {}};
  plan.targets.push_back({7, *parse_ip_address(target), 1'000'000});
  return plan;
}

void answers_come_in_order() {
  Reader reader;
  reader.prober().change({path_to(1, "127.0.0.1")}, {});
  double before = 0;
  for (int i = 0; i < 20; ++i) {
    const auto record = reader.wait_for([](const ProbeRecord& one) { return one.fate == ProbeFate::answered; });
    CHECK(record.path == 1 && record.target == 7 && record.sequence > before);
    CHECK(record.round_trip >= 0 && record.handled_at >= record.sent_at);
    CHECK(record.from[0] == 127 && record.from[3] == 1);
    before = record.sequence;
  }
}

void numbers_go_on_when_a_path_comes_again() {
  Reader reader;
  reader.prober().change({path_to(1, "127.0.0.1")}, {});
  const auto before = reader.wait_for([](const ProbeRecord& one) { return one.sequence >= 5; });
  reader.prober().change({path_to(2, "127.0.0.1")}, {1});
  const auto after = reader.wait_for([](const ProbeRecord& one) { return one.path == 2; });
  CHECK(after.sequence > before.sequence);
}

// Nobody can send from an address that is not ours.
void a_refusal_is_told_with_its_errno() {
  Reader reader;
  auto path = path_to(1, "127.0.0.1");
  path.source = *parse_ip_address("192.0.2.1");
  reader.prober().change({path}, {});
  const auto record = reader.wait_for([](const ProbeRecord& one) { return one.fate == ProbeFate::refused; });
  CHECK(record.error == EADDRNOTAVAIL);
  path.source = *parse_ip_address("127.0.0.1");
  reader.prober().change({path}, {});
  reader.wait_for([](const ProbeRecord& one) { return one.fate == ProbeFate::answered; });
}

void statistics_and_floods() {
  Reader reader;
  reader.prober().want_answers(false);
  reader.prober().change({path_to(1, "127.0.0.1", 64)}, {});
  for (;;) {
    const auto numbers = reader.statistics();
    CHECK(numbers.size() == 15 && numbers[0] == 1 && numbers[1] == 7);
    CHECK(numbers[3] <= numbers[2]);
    if (numbers[3] > 1'000) break;
  }
}

void a_full_ring_is_counted() {
  Reader reader(4);
  reader.prober().change({path_to(1, "127.0.0.1", 64)}, {});
  while (reader.prober().share().recorder.dropped() == 0) reader.statistics();
}

// What CMakeLists.txt takes for "not tried".
constexpr int kSkipped = 77;

bool may_probe() {
  try {
    Reader reader;
    return true;
  } catch (const SystemError& refusal) {
    std::cerr << "skipped: " << refusal.what() << "\n";
    return false;
  }
}

}  // namespace

int main() {
  if (!may_probe()) return kSkipped;
  answers_come_in_order();
  numbers_go_on_when_a_path_comes_again();
  a_refusal_is_told_with_its_errno();
  statistics_and_floods();
  a_full_ring_is_counted();
  return test::result();
}
