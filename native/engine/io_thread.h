// The one thread between the kernel and JavaScript. See native/README.md for the map of threads.
//
//   rtnetlink events ──┐                        ┌──> ring ──> wake() ──> JavaScript drains
//   carrier counters ──┼──> I/O thread (epoll) ─┤
//   drivers asked ─────┤                        └──> frames and requests of a plan, at once
//   armed plans ───────┘
//
// It takes no decisions: what to do on a loss was decided before, as a plan. Records in the ring are netlink messages as
// the kernel sent them, or one of ours, told apart by their message types.
#pragma once

#include <linux/netlink.h>

#include <atomic>
#include <functional>
#include <latch>
#include <thread>

#include "codec/walk.h"
#include "engine/carrier_watch.h"
#include "engine/driver_watch.h"
#include "engine/plan_book.h"
#include "engine/ring.h"
#include "engine/route_watch.h"
#include "system/ethtool.h"
#include "system/exchange.h"
#include "system/packet_socket.h"
#include "system/sysfs.h"

namespace ipmp {

// Dressed as a netlink message with a type that rtnetlink does not use.
struct CarrierRecord {
  nlmsghdr header;
  std::uint32_t index;
  std::uint8_t carrier;
  std::uint8_t fired;
};

inline constexpr std::uint16_t kCarrierRecordType = 0xffff;

// A bare header: the routes of others have to be read again.
inline constexpr std::uint16_t kRoutesDoubtfulRecordType = 0xfffe;

// The driver of the link with this name said "no link" for long, and the kernel never agreed: it is not asked any more.
struct DriverDisbelievedRecord {
  nlmsghdr header;
  char name[32];
};

inline constexpr std::uint16_t kDriverDisbelievedRecordType = 0xfffd;

// Set by us in the header of a notice of a link whose carrier its driver denied at that moment: the kernel does not know of it yet.
inline constexpr std::uint16_t kCarrierDeniedFlag = 0x8000;

struct IoThreadOptions {
  bool realtime;
  std::size_t ring_bytes;
  int receive_buffer_bytes;
};

class IoThread {
 public:
  // Opens everything in the calling thread's network namespace. Throws SystemError.
  explicit IoThread(const IoThreadOptions& options);
  ~IoThread();

  // Returns once the thread runs. `wake` is called on it, at most once until end_drain().
  void start(std::function<void()> wake);
  // Joins. Nothing is woken afterwards.
  void stop();

  // The remaining calls are for the one other thread that drains.

  // In this order, and from the beginning where end_drain() says no.
  void begin_drain();
  bool next_record(Bytes& record) { return ring_.pop(record); }
  // True once where notices were lost and all records from before that have been read: a later one may be read after the dump
  // that the loss causes. So a storm that does not end keeps nobody from hearing of a loss in it.
  bool take_loss();
  // Allows the next wake-up. False where something came while none was allowed.
  bool end_drain();

  PlanBook& plans() { return plans_; }
  RouteWatch& routes() { return routes_; }
  // `query` tells name and present carrier of a link, or nothing.
  using LinkQuery = std::function<bool(std::uint32_t index, std::string& name, bool& carrier)>;
  // "" or the reason why drivers that tell late are not asked.
  std::string watch(const std::vector<std::uint32_t>& indexes, const LinkQuery& query);
  // Links that the kernel may say have a carrier, and that have none.
  std::vector<std::uint32_t> denied() { return carriers_.denied(); }

  // "" or the reason why not.
  const std::string& realtime_refusal() const { return realtime_refusal_; }
  const std::string& locking_refusal() const { return locking_refusal_; }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void run();
  void prepare();
  bool wait_for_work();
  void look_at_carriers();
  void read_events();
  NetlinkSocket::Reception receive_event(ByteView& datagram);
  void take_datagram(ByteView datagram);
  void look_at_route_watch(const MessageView& message);
  void take_link_notice(const MessageView& message);
  void on_link_notice(const MessageView& message);
  void on_carrier(const WatchedLink& link, bool carrier);
  bool fire(std::uint32_t index);
  void report_disbelieved(const std::string& name);
  void report_carrier(std::uint32_t index, bool carrier, bool fired);
  void push(ByteView record);
  void wake_reader();
  void nudge();
  std::int64_t poll_interval_ns();
  std::optional<WatchedLink> open_link(std::uint32_t index, const LinkQuery& query);

  const IoThreadOptions options_;
  NetlinkSocket events_;
  Exchange requests_;
  PacketSocket packets_;
  Sysfs sysfs_;
  Ethtool ethtool_;
  Descriptor epoll_;
  Descriptor nudge_;
  Bytes buffer_;
  Ring ring_;
  PlanBook plans_;
  CarrierWatch carriers_;
  RouteWatch routes_;
  DriverWatch drivers_;
  std::function<void()> wake_;
  std::thread thread_;
  std::latch prepared_{1};
  std::string realtime_refusal_;
  std::string locking_refusal_;
  // I/O thread only: notices were lost, and the queue in which older ones may wait has not been emptied yet.
  bool losing_ = false;
  // I/O thread only: until then look at the carriers more often.
  std::int64_t lively_until_ns_ = 0;
  // The reading thread only: notices were lost, and this is the end of what was in the ring when it heard of that.
  std::optional<std::size_t> loss_at_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> overrun_{false};
  std::atomic<bool> woken_{false};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace ipmp
