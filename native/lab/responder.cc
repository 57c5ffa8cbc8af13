// lab_responder: answers echo requests at a card in the place of its kernel, and not always as it should.
//
//   lab_responder NAMESPACE DEVICE
//
// Commands on standard input, each answered by `ok`, or `error TEXT`; nothing is answered for an address before the first:
//   honest ADDRESS               one reply to each request
//   silent ADDRESS               none
//   elsewhere ADDRESS OTHER      the reply comes from another address
//   twice ADDRESS                two replies
//   replay ADDRESS               the first reply since this command, again and again
//   forge ADDRESS COUNT          so many replies with the right numbers and a wrong end
//   count ADDRESS                ok NUMBER   requests since the latest command that said how to answer
// ADDRESS<SOURCE in the place of ADDRESS: the same for what comes from SOURCE alone, which is then no more among the others.
// Requests in frames to all, or to a group, are not answered. The kernel of the namespace is to be told to ignore echo requests. The program ends with its input.
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lab/echo_frame.h"
#include "lab/lines.h"
#include "lab/system.h"

namespace {

using Words = std::vector<std::string>;

constexpr int kPriority = 5;
constexpr size_t kLargestFrame = 65536;
constexpr int kReceiveBufferOctets = 1 << 22;

/// How requests to one address are answered.
struct Manner {
  std::string verb;
  lab::Octets source;
  long count = 1;
  lab::Octets first_reply;
  long requests = 0;
};

/// Who is asked, and by whom: by nobody in particular where that is empty.
using Question = std::pair<lab::Octets, lab::Octets>;

Question question_of(const std::string& word) {
  const size_t end = word.find('<');
  if (end == std::string::npos) return {lab::address_octets(word), {}};
  const lab::Octets source = lab::address_octets(word.substr(end + 1));
  return source.empty() ? Question{} : Question{lab::address_octets(word.substr(0, end)), source};
}

int packet_socket(const std::string& network_namespace, const std::string& device) {
  int descriptor = -1;
  lab::inside_namespace(network_namespace, [&] {
    descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(ETH_P_ALL);
    where.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
    if (where.sll_ifindex == 0) lab::fail_errno("find " + device + " in " + network_namespace);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferOctets, sizeof kReceiveBufferOctets);
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) lab::fail_errno("bind to " + device);
  });
  return descriptor;
}

class Responder {
 public:
  Responder(const std::string& network_namespace, const std::string& device)
      : socket_(packet_socket(network_namespace, device)), frame_(kLargestFrame) {}

  void run() {
    lab::become_realtime(kPriority);
    lab::answer("ready");
    for (;;) {
      pollfd descriptors[] = {{STDIN_FILENO, POLLIN, 0}, {socket_, POLLIN, 0}};
      if (poll(descriptors, 2, -1) < 0) continue;
      while (take_frame()) {
      }
      if (descriptors[0].revents != 0 && !read_commands()) return;
    }
  }

 private:
  bool read_commands() {
    if (!lines_.fill()) return false;
    while (auto words = lines_.next()) lab::answer(obey(*words));
    return true;
  }

  std::string obey(const Words& words) {
    const Question question = question_of(words.size() > 1 ? words[1] : "");
    if (question.first.empty()) return "error the second word is ADDRESS or ADDRESS<SOURCE";
    const auto known = manners_.find(question);
    if (words[0] == "count" && known != manners_.end()) return "ok " + std::to_string(known->second.requests);
    Manner manner{.verb = words[0], .source = question.first, .count = 1, .first_reply = {}, .requests = 0};
    if (!complete(manner, words.size() > 2 ? words[2] : "")) return "error " + words[0] + " makes no sense here";
    manners_[question] = manner;
    return "ok";
  }

  static bool complete(Manner& manner, const std::string& value) {
    if (manner.verb == "elsewhere") {
      manner.source = lab::address_octets(value);
      return !manner.source.empty();
    }
    if (manner.verb == "forge") {
      manner.count = std::strtol(value.c_str(), nullptr, 10);
      return manner.count > 0;
    }
    if (manner.verb == "silent") manner.count = 0;
    if (manner.verb == "twice") manner.count = 2;
    return value.empty() && (manner.verb == "honest" || manner.verb == "silent" || manner.verb == "twice" ||
                             manner.verb == "replay");
  }

  // False where no frame is waiting.
  bool take_frame() {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t length =
        recvfrom(socket_, frame_.data(), frame_.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (length <= 0) return false;
    // Copies of probes that are sent to all are nobody's in particular.
    if (from.sll_pkttype == PACKET_OUTGOING || from.sll_pkttype == PACKET_BROADCAST) return true;
    if (from.sll_pkttype == PACKET_MULTICAST) return true;
    const auto request = lab::EchoRequest::read(std::span(frame_).first(static_cast<size_t>(length)));
    if (!request) return true;
    auto manner = manners_.find({request->target(), request->source()});
    if (manner == manners_.end()) manner = manners_.find({request->target(), {}});
    if (manner != manners_.end()) respond(*request, manner->second);
    return true;
  }

  void respond(const lab::EchoRequest& request, Manner& manner) {
    ++manner.requests;
    lab::Octets reply = manner.verb == "forge" ? request.forged_reply() : request.reply_from(manner.source);
    if (manner.verb == "replay") {
      if (manner.first_reply.empty()) manner.first_reply = reply;
      reply = manner.first_reply;
    }
    for (long copy = 0; copy < manner.count; ++copy) {
      // A refused frame is lost, as on a real card.
      [[maybe_unused]] const ssize_t sent = send(socket_, reply.data(), reply.size(), 0);
    }
  }

  int socket_;
  lab::Octets frame_;
  std::map<Question, Manner> manners_;
  lab::LineReader lines_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) lab::fail("usage: lab_responder NAMESPACE DEVICE", 2);
  Responder(arguments[1], arguments[2]).run();
  return 0;
}
