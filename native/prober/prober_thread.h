// The thread that probes: it measures, and judges nothing but whether an answer came in time.
//
//   JavaScript ── orders ──> paths ──> schedule ──> echo requests, ARP questions
//                              ^                              │
//   JavaScript <── ring <── Recorder <── sockets <── answers ─┘
//
// It sleeps until the next moment of its schedule and is not woken by answers: they wait in their sockets, stamped by the
// kernel, until it looks: right after sending, a few times soon after, and always before it judges.
#pragma once

#include <functional>
#include <latch>
#include <map>
#include <mutex>
#include <queue>
#include <thread>
#include <unordered_map>

#include "prober/probe_path.h"
#include "system/alarm.h"
#include "system/namespace.h"

namespace ipmp {

struct ProberOptions {
  bool realtime;
  std::size_t ring_records;
};

class ProberThread {
 public:
  // `space` must live as long. Throws SystemError.
  ProberThread(const ProberOptions& options, const NetworkNamespace& space);
  ~ProberThread();

  // Returns once the thread runs. `wake` is called on it, at most once until end_drain(). Throws where it can not enter the
  // namespace or open a socket there.
  void start(std::function<void()> wake);
  // Joins. Nothing is woken afterwards.
  void stop();

  // The remaining calls are for the one other thread.

  void change(std::vector<PathPlan> put, std::vector<std::uint32_t> removed);
  void ask_statistics();

  // Allows the next wake-up. False where something came while none was allowed: then it must be fetched first.
  bool end_drain();
  bool next_record(Bytes& record) { return share_.recorder.next(record); }
  // Oldest answer to ask_statistics() not taken yet; the numbers are in the order of STATISTICS in native-prober.ts.
  std::optional<std::vector<double>> take_statistics();
  void want_answers(bool wanted) { share_.recorder.want_answers(wanted); }

  // "" or the reason why not.
  const std::string& realtime_refusal() const { return realtime_refusal_; }
  const std::string& locking_refusal() const { return locking_refusal_; }
  const ProberShare& share() const { return share_; }

 private:
  struct Due {
    std::int64_t at_ns;
    std::uint32_t path;
    std::uint64_t generation;
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
  };

  struct Scheduled {
    ProbePath path;
    // Of its one valid entry in the schedule.
    std::uint64_t generation = 0;
  };

  struct Order {
    std::vector<PathPlan> put;
    std::vector<std::uint32_t> removed;
    bool statistics = false;
  };

  void run();
  void sleep();
  void prepare();
  void give_order(Order order);
  void take_orders();
  void carry_out(Order& order);
  void put(PathPlan plan, std::int64_t now_ns);
  void remove(std::uint32_t id, std::int64_t now_ns);
  void schedule(Scheduled& entry);
  void rebuild_schedule();
  void follow_paces();
  void send_statistics();

  void fire_due(std::int64_t now_ns);
  void fire(Scheduled& entry, std::int64_t now_ns);
  void drain();
  void drain_path(ProbePath& path);
  void plan_next_look(std::int64_t now_ns);
  void tell_reader(std::int64_t now_ns);
  void wake_for_news();
  void wake_reader();
  std::int64_t next_due_ns();
  std::int64_t next_wake_ns();

  const NetworkNamespace& space_;
  const bool realtime_;
  ProberShare share_;
  const std::uint16_t identifier_base_;
  Descriptor epoll_;
  Alarm alarm_;
  ReceiveBatch receiving_;
  std::unordered_map<std::uint32_t, Scheduled> paths_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> schedule_;
  std::uint64_t generations_ = 0;
  // Of paths that have gone, by link and family, in case they come again.
  std::map<std::pair<std::uint32_t, std::uint8_t>, PathMemory> memories_;
  // Probes under way: while there are any it looks at the sockets between two moments of the schedule, ever more seldom.
  std::size_t waiting_ = 0;
  std::int64_t look_at_ns_ = Alarm::kNever;
  std::int64_t look_after_ns_ = 0;
  // How long answers may wait before somebody is woken for them.
  std::int64_t patience_ns_ = 0;
  bool sent_ = false;
  std::int64_t awake_since_ns_ = 0;
  // Of this round, by how much it came too late for some path; 0 where for none.
  std::int64_t stalled_ns_ = 0;

  std::mutex orders_mutex_;
  std::vector<Order> orders_;
  std::vector<std::vector<double>> statistics_;
  std::atomic<bool> has_orders_{false};

  std::function<void()> wake_;
  std::thread thread_;
  std::latch prepared_{1};
  std::exception_ptr failure_;
  std::string realtime_refusal_;
  std::string locking_refusal_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> woken_{false};
};

}  // namespace ipmp
