// lab_flow: measures what a failover costs. All flows in one program, so that one paced thread serves them all.
//
//   lab_flow INTERVAL_US (udp|tcp NAME FROM@NAMESPACE TO[,TO...]@NAMESPACE)...
//
// udp: numbered packets one way, one per interval (all flows together do some 50,000 packets a second on one core). tcp:
// numbered records every millisecond, echoed and checked.
// Says `{"ready":true,...}` when every flow has got through (or why not, status 1), then obeys standard input:
//   mark     a new window begins                               {"markNs":N}
//   report   the window so far, once its packets had time      {"reportNs":N,"flows":[...]}
//   stop     the same as report, then ends
// Times are CLOCK_MONOTONIC. The program ends with its input. One thread: send on absolute deadlines (real-time class where
// allowed, never spinning), and every millisecond take what arrived: the kernel has stamped it on arrival.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "lab/flow.h"
#include "lab/json.h"
#include "lab/lines.h"
#include "lab/system.h"

namespace {

constexpr int kPriority = 10;
constexpr uint16_t kFirstPort = 7000;
constexpr int64_t kHousekeepingNs = 1'000'000;
constexpr int64_t kTcpIntervalNs = 1'000'000;
// Packets may wait for a neighbour's answer; after this long they are lost.
constexpr int64_t kSettleNs = 300'000'000;
constexpr int64_t kReadyDeadlineNs = 5'000'000'000;

void sleep_until(int64_t when) {
  const timespec deadline{when / 1'000'000'000, when % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
}

class Meter {
 public:
  Meter(int count, char** words) {
    const int64_t interval_ns = std::atoll(words[1]) * 1000;
    if (interval_ns <= 0) lab::fail("the interval is a number of microseconds, not " + std::string(words[1]), 2);
    for (int position = 2; position + 3 < count; position += 4) add(words + position, interval_ns);
    if (flows_.empty() || (count - 2) % 4 != 0) lab::fail("a flow is udp|tcp NAME FROM@NAMESPACE TO@NAMESPACE", 2);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    realtime_ = lab::become_realtime(kPriority);
  }

  void run() {
    const int64_t give_up = lab::monotonic_ns() + kReadyDeadlineNs;
    while (!ready()) {
      serve();
      if (lab::monotonic_ns() > give_up) lab::fail("nothing got through within 5 s on: " + silent_flows());
    }
    for (auto& flow : flows_) flow->mark();
    lab::JsonWriter line('{');
    lab::answer(line.boolean("ready", true).boolean("realtime", realtime_).close());
    while (!finished_) serve();
  }

 private:
  void add(char** words, int64_t interval_ns) {
    const std::string kind = words[0];
    lab::FlowSettings settings{words[1], lab::parse_endpoint(words[2]), lab::parse_endpoint(words[3]),
                               static_cast<uint16_t>(kFirstPort + flows_.size()),
                               kind == "tcp" ? kTcpIntervalNs : interval_ns};
    if (kind != "udp" && kind != "tcp") lab::fail("a flow is of kind udp or tcp, not " + kind, 2);
    flows_.push_back(kind == "udp" ? lab::make_udp_flow(settings) : lab::make_tcp_flow(settings));
    names_.push_back(settings.name);
  }

  bool ready() const {
    return std::all_of(flows_.begin(), flows_.end(), [](const auto& flow) { return flow->flowing(); });
  }

  std::string silent_flows() const {
    std::string list;
    for (size_t index = 0; index < flows_.size(); ++index) {
      if (!flows_[index]->flowing()) list += (list.empty() ? "" : ", ") + names_[index];
    }
    return list;
  }

  // One round: sleep until something is due, send it, and once in a while look after the rest.
  void serve() {
    int64_t next = housekeeping_ns_;
    for (const auto& flow : flows_) next = std::min(next, flow->due());
    sleep_until(next);
    for (auto& flow : flows_) flow->send_due(lab::monotonic_ns());
    if (lab::monotonic_ns() >= housekeeping_ns_) keep_house();
  }

  void keep_house() {
    for (auto& flow : flows_) flow->receive();
    if (!lines_.fill()) finished_ = true;
    while (auto words = lines_.next()) obey(words->empty() ? "" : words->front());
    if (settle_until_ns_ != 0 && settled()) tell();
    housekeeping_ns_ = lab::monotonic_ns() + kHousekeepingNs;
  }

  void obey(const std::string& command) {
    if (command == "mark") {
      for (auto& flow : flows_) flow->mark();
      lab::answer(lab::JsonWriter('{').number("markNs", lab::monotonic_ns()).close());
    } else if (command == "report" || command == "stop") {
      for (auto& flow : flows_) flow->cut();
      cut_ns_ = lab::monotonic_ns();
      settle_until_ns_ = cut_ns_ + kSettleNs;
      stopping_ = command == "stop";
    } else {
      lab::fail("the commands are mark, report and stop, not " + command, 2);
    }
  }

  bool settled() const {
    return lab::monotonic_ns() > settle_until_ns_ ||
           std::all_of(flows_.begin(), flows_.end(), [](const auto& flow) { return flow->complete(); });
  }

  void tell() {
    lab::JsonWriter list('[');
    for (const auto& flow : flows_) list.element(flow->report());
    lab::answer(lab::JsonWriter('{').number("reportNs", cut_ns_).raw("flows", list.close()).close());
    settle_until_ns_ = 0;
    finished_ = stopping_;
  }

  std::vector<std::unique_ptr<lab::Flow>> flows_;
  std::vector<std::string> names_;
  lab::LineReader lines_;
  int64_t housekeeping_ns_ = 0;
  int64_t settle_until_ns_ = 0;
  int64_t cut_ns_ = 0;
  bool realtime_ = false;
  bool stopping_ = false;
  bool finished_ = false;
};

}  // namespace

int main(int count, char** words) {
  if (count < 3) lab::fail("usage: lab_flow INTERVAL_US (udp|tcp NAME FROM@NAMESPACE TO@NAMESPACE)...", 2);
  Meter(count, words).run();
  return 0;
}
