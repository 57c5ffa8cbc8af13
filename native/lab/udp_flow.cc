// A paced, numbered, one-way UDP flow, to one destination or to many in turn.
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>

#include "lab/flow.h"
#include "lab/json.h"
#include "lab/packet_record.h"
#include "lab/system.h"

namespace lab {

namespace {

// Room for this long a run before the record has to grow.
constexpr int64_t kExpectedRunNs = 120'000'000'000;
// Neither end's own buffer may lose a packet: packets that wait for a neighbour's answer fill a default send buffer.
constexpr int kBufferBytes = 8 << 20;
constexpr size_t kBatch = 64;

// "ipmplab" and a version: strangers' packets on our port are not ours.
constexpr uint64_t kMagic = 0x69706d706c616201;

struct Payload {
  uint64_t magic = kMagic;
  uint64_t number = 0;
  // A realistic small packet; the content does not matter.
  std::array<char, 48> padding{};
};

// The moment the kernel took the packet from the wire, on the monotonic clock: however late we come to fetch it.
int64_t receive_time(const msghdr& header, int64_t offset) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(const_cast<msghdr*>(&header), part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return stamp.tv_sec * 1'000'000'000 + stamp.tv_nsec - offset;
  }
  return monotonic_ns();
}

// Only root may go beyond the system's limit; others get what that allows.
void enlarge_buffer(int socket, int forced, int plain) {
  if (setsockopt(socket, SOL_SOCKET, forced, &kBufferBytes, sizeof kBufferBytes) == 0) return;
  setsockopt(socket, SOL_SOCKET, plain, &kBufferBytes, sizeof kBufferBytes);
}

// Buffers for one recvmmsg call.
class ReceiveBatch {
 public:
  ReceiveBatch() {
    for (size_t index = 0; index < kBatch; ++index) {
      vectors_[index] = {&payloads_[index], sizeof(Payload)};
      messages_[index].msg_hdr.msg_iov = &vectors_[index];
      messages_[index].msg_hdr.msg_iovlen = 1;
      messages_[index].msg_hdr.msg_control = controls_[index].data();
    }
  }

  int fetch(int socket) {
    for (mmsghdr& message : messages_) message.msg_hdr.msg_controllen = controls_[0].size();
    return recvmmsg(socket, messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  }

  const Payload& payload(int index) const { return payloads_[static_cast<size_t>(index)]; }
  const msghdr& header(int index) const { return messages_[static_cast<size_t>(index)].msg_hdr; }

 private:
  std::array<Payload, kBatch> payloads_{};
  std::array<std::array<char, 64>, kBatch> controls_{};
  std::array<iovec, kBatch> vectors_{};
  std::array<mmsghdr, kBatch> messages_{};
};

class UdpFlow final : public Flow {
 public:
  explicit UdpFlow(const FlowSettings& settings)
      : settings_(settings),
        record_(static_cast<size_t>(kExpectedRunNs / settings.interval_ns)),
        due_ns_(monotonic_ns()) {
    for (const std::string& address : settings.to.addresses) {
      destinations_.push_back(socket_address(address, settings.port));
    }
    const SocketAddress sink =
        destinations_.size() == 1 ? destinations_[0] : any_address(destinations_[0], settings.port);
    sink_ = bound_socket(SOCK_DGRAM, settings.to.network_namespace, sink);
    const int on = 1;
    setsockopt(sink_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    enlarge_buffer(sink_, SO_RCVBUFFORCE, SO_RCVBUF);
    const SocketAddress local = socket_address(settings.from.addresses[0], settings.port);
    source_ = bound_socket(SOCK_DGRAM, settings.from.network_namespace, local);
    enlarge_buffer(source_, SO_SNDBUFFORCE, SO_SNDBUF);
  }

  // Missed deadlines are made good at once, so that the count of packets always tells the time.
  void send_due(int64_t now) override {
    while (due_ns_ <= now) {
      send_one();
      due_ns_ += settings_.interval_ns;
    }
  }

  int64_t due() const override { return due_ns_; }

  void receive() override {
    const int64_t offset = realtime_offset_ns();
    for (int count = batch_.fetch(sink_); count > 0; count = batch_.fetch(sink_)) {
      for (int index = 0; index < count; ++index) {
        const Payload& payload = batch_.payload(index);
        if (payload.magic == kMagic) record_.arrived(payload.number, receive_time(batch_.header(index), offset));
      }
      if (static_cast<size_t>(count) < kBatch) return;
    }
  }

  bool flowing() const override { return record_.any_arrived(); }

  void mark() override {
    record_.mark();
    errors_.clear();
  }

  void cut() override { record_.cut(); }
  bool complete() const override { return record_.complete(); }

  std::string report() const override {
    JsonWriter errors('{');
    for (const auto& [number, count] : errors_) errors.number(errno_name(number), count);
    JsonWriter result('{');
    result.name("name", settings_.name).name("kind", "udp");
    result.number("intervalUs", settings_.interval_ns / 1000).raw("errors", errors.close());
    if (destinations_.size() > 1) result.raw("destinations", destinations_json());
    const std::string head = result.close();
    return head.substr(0, head.size() - 1) + ',' + record_.figures() + '}';
  }

 private:
  void send_one() {
    payload_.number = record_.sent(monotonic_ns());
    const SocketAddress& to = destinations_[payload_.number % destinations_.size()];
    // Unconnected: every packet asks the routing table anew.
    if (sendto(source_, &payload_, sizeof payload_, MSG_DONTWAIT, to.get(), to.length) < 0) ++errors_[errno];
  }

  // When each destination that lost anything was reached again: the first and the last of them.
  std::string destinations_json() const {
    std::vector<uint64_t> last_lost(destinations_.size(), UINT64_MAX);
    std::vector<int64_t> repaired(destinations_.size(), 0);
    for (uint64_t number = record_.begin(); number < record_.end(); ++number) {
      const size_t which = number % destinations_.size();
      if (!record_.has_arrived(number)) {
        last_lost[which] = number;
        repaired[which] = 0;
      } else if (last_lost[which] != UINT64_MAX && repaired[which] == 0) {
        repaired[which] = record_.sent_at(number);
      }
    }
    return summary_json(last_lost, repaired);
  }

  std::string summary_json(const std::vector<uint64_t>& last_lost, const std::vector<int64_t>& repaired) const {
    uint64_t hit = 0;
    uint64_t unrepaired = 0;
    int64_t first = 0;
    int64_t last = 0;
    for (size_t which = 0; which < repaired.size(); ++which) {
      if (last_lost[which] == UINT64_MAX) continue;
      ++hit;
      if (repaired[which] == 0) {
        ++unrepaired;
        continue;
      }
      if (first == 0 || repaired[which] < first) first = repaired[which];
      if (repaired[which] > last) last = repaired[which];
    }
    JsonWriter result('{');
    result.number("count", destinations_.size()).number("hit", hit).number("unrepaired", unrepaired);
    result.number("firstRepairedNs", first).number("lastRepairedNs", last);
    return result.close();
  }

  FlowSettings settings_;
  PacketRecord record_;
  std::vector<SocketAddress> destinations_;
  int source_ = -1;
  int sink_ = -1;
  int64_t due_ns_;
  Payload payload_;
  ReceiveBatch batch_;
  std::map<int, uint64_t> errors_;
};

}  // namespace

std::unique_ptr<Flow> make_udp_flow(const FlowSettings& settings) { return std::make_unique<UdpFlow>(settings); }

}  // namespace lab
