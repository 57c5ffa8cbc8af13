// A probe and its copy to all: what leaves, and what an answer to either counts for.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <algorithm>

#include "check.h"
#include "prober/probe_path.h"

using namespace ipmp;

namespace {

constexpr std::uint32_t kLoopback = 1;
const IpAddress kSource = *parse_ip_address("127.0.0.1");
const IpAddress kTarget = *parse_ip_address("127.0.0.77");
constexpr std::uint32_t kPath = 3;
constexpr std::uint32_t kTargetId = 1;
constexpr std::uint16_t kIdentifier = 4711;
constexpr std::int64_t kStepNs = 1'000'000'000;

void a_doubt_lasts_until_ten_plain_answers() {
  SecondOpinion opinion;
  CHECK(!opinion.is_doubted());
  opinion.lose();
  CHECK(opinion.is_doubted());
  opinion.hear_by_copy();
  CHECK(opinion.is_doubted());
  for (int i = 0; i < 10; ++i) {
    CHECK(opinion.is_doubted());
    opinion.hear_plainly();
  }
  CHECK(!opinion.is_doubted());
}

void ten_astray_in_a_row_are_told_until_ten_plain_answers() {
  SecondOpinion opinion;
  for (int i = 0; i < 9; ++i) opinion.go_astray();
  opinion.hear_plainly();
  for (int i = 0; i < 9; ++i) opinion.go_astray();
  CHECK(!opinion.is_astray() && opinion.is_doubted());
  opinion.go_astray();
  opinion.lose();
  for (int i = 0; i < 9; ++i) opinion.hear_plainly();
  opinion.go_astray();
  CHECK(opinion.is_astray());
  for (int i = 0; i < 10; ++i) {
    CHECK(opinion.is_astray());
    opinion.hear_plainly();
  }
  CHECK(!opinion.is_astray());
}

void who_never_answers_is_asked_seldom() {
  SecondOpinion opinion;
  int left = 0;
  for (int turn = 0; turn < 10; ++turn) left += opinion.take_turn();
  CHECK(left == 10);
  for (int turn = 0; turn < 100; ++turn) left += opinion.take_turn();
  CHECK(left == 20);
  opinion.hear_by_copy();
  for (int turn = 0; turn < 10; ++turn) left += opinion.take_turn();
  CHECK(left == 30);
}

// One path of which the test alone decides what is answered: it never reads the socket.
class Asker {
 public:
  Asker()
      : path_({kPath, kLoopback, AF_INET, ProbeMethod::echo, kSource, kStepNs, kStepNs, 1, false, true,
               {{kTargetId, kTarget, kStepNs / 2}}},
              {}, kIdentifier, 0, share_) {
    CHECK(path_.open() == 0);
  }

  // The number of a probe that has left.
  std::uint64_t probe() {
    now_ns_ = path_.next_ns();
    path_.judge_due(now_ns_);
    path_.send_due(now_ns_, 0);
    return ++sequence_;
  }

  void answer(std::uint64_t sequence, bool to_all) {
    EchoMessage message;
    write_echo_request(message, AF_INET, kIdentifier,
                       {ProbePurpose::count, kPath, kTargetId, to_all ? 1u : 0u, sequence, now_ns_}, share_.key);
    message[0] = 0;
    Bytes packet(20, 0);
    packet[0] = 0x45;
    append(packet, message);
    const PacketAddress from = destination_of(kTarget, kLoopback);
    path_.take({packet, 0, &from}, now_ns_ + 1, now_ns_ + 2);
  }

  const ProbedTarget& target() const { return path_.targets().front(); }

 private:
  ProberShare share_{SipKey{1, 2}, Dice(1), Recorder(64), {}};
  ProbePath path_;
  std::int64_t now_ns_ = 0;
  std::uint64_t sequence_ = 0;
};

void either_copy_answers_the_probe_and_both_do_so_once() {
  for (const bool first : {true, false}) {
    Asker asker;
    const auto sequence = asker.probe();
    asker.answer(sequence, first);
    CHECK(asker.target().counts.answered == 1 && asker.target().counts.duplicate == 0);
    asker.answer(sequence, !first);
    CHECK(asker.target().counts.answered == 1 && asker.target().counts.duplicate == 0);
    asker.answer(sequence, true);
    asker.answer(sequence, false);
    CHECK(asker.target().counts.answered == 1 && asker.target().counts.duplicate == 2);
  }
}

void only_plain_answers_end_the_doubt() {
  Asker asker;
  asker.probe();
  asker.probe();
  const auto latest = asker.probe();
  CHECK(asker.target().counts.lost > 0 && asker.target().opinion.is_doubted());
  asker.answer(latest, true);
  CHECK(asker.target().counts.answered == 1 && asker.target().opinion.is_doubted());
  asker.answer(latest, false);
  CHECK(asker.target().opinion.is_doubted());
  // With the next probe the second one is lost for good, so that all ten are to come.
  for (int i = 0; i < 10; ++i) asker.answer(asker.probe(), false);
  CHECK(!asker.target().opinion.is_doubted());
}

// Frames to all on the loopback link since the last look. Each is seen as it leaves, and as it comes back.
class Ear {
 public:
  Ear() : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_ll link{};
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_P_IP);
    link.sll_ifindex = static_cast<int>(kLoopback);
    CHECK(bind(socket_.number(), reinterpret_cast<sockaddr*>(&link), sizeof link) == 0);
  }

  int copies() {
    int count = 0;
    std::array<std::uint8_t, 256> frame;
    for (ssize_t size; (size = recv(socket_.number(), frame.data(), frame.size(), 0)) >= 0;) {
      const ByteView seen(frame.data(), static_cast<std::size_t>(size));
      if (!std::ranges::equal(seen.first(6), kBroadcastHardwareAddress)) continue;
      const ByteView packet = seen.subspan(ETH_HLEN);
      CHECK(ip_address_of(AF_INET, packet.subspan(12, 4)) == kSource);
      CHECK(ip_address_of(AF_INET, packet.subspan(16, 4)) == kTarget);
      ++count;
    }
    return count;
  }

 private:
  Descriptor socket_;
};

void copies_leave_from_the_first_loss_until_plain_answers_end_the_doubt() {
  Ear ear;
  Asker asker;
  auto latest = asker.probe();
  CHECK(ear.copies() == 0);
  for (int i = 0; i < 3; ++i) latest = asker.probe();
  CHECK(asker.target().counts.lost > 0);
  CHECK(ear.copies() > 0);
  asker.answer(latest, true);
  latest = asker.probe();
  CHECK(ear.copies() > 0);
  for (int i = 0; i < 12; ++i) asker.answer(asker.probe(), false);
  ear.copies();
  asker.answer(asker.probe(), false);
  CHECK(ear.copies() == 0);
}

// What CMakeLists.txt takes for "not tried".
constexpr int kSkipped = 77;

bool may_probe() {
  if (Descriptor(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP))) return true;
  std::cerr << "skipped: no raw sockets here\n";
  return false;
}

}  // namespace

int main() {
  a_doubt_lasts_until_ten_plain_answers();
  ten_astray_in_a_row_are_told_until_ten_plain_answers();
  who_never_answers_is_asked_seldom();
  if (!may_probe()) return kSkipped;
  either_copy_answers_the_probe_and_both_do_so_once();
  only_plain_answers_end_the_doubt();
  copies_leave_from_the_first_loss_until_plain_answers_end_the_doubt();
  return test::result();
}
