// lab_reach: who reaches whom, from either side, in one program for many addresses.
//
//   lab_reach DATA[,DATA...]@NAMESPACE PEER[,PEER...]@NAMESPACE...
//
// Every peer asks every data address of its family, and the holder of the data addresses asks every peer without naming a
// source, as most programs do. The one command on standard input is
//   ask MS    questions are repeated until all are answered, at most so long    {"missing":["FROM to TO",...]}
// An answer counts only if it comes from whom was asked; a peer that is asked by another source than a data address says so:
// "SOURCE (no data address) to PEER". The program ends with its input.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "lab/endpoint.h"
#include "lab/json.h"
#include "lab/lines.h"
#include "lab/system.h"

namespace {

constexpr uint16_t kPort = 6900;
constexpr int64_t kRepeatNs = 100'000'000;

/// Round and number keep late answers of earlier rounds apart.
struct Payload {
  uint64_t round = 0;
  uint64_t number = 0;
};

struct Question {
  int socket = -1;
  lab::SocketAddress to;
  std::string name;
  bool answered = false;
};

struct Answerer {
  int socket = -1;
  std::string address;
  /// A peer; the others are data addresses, which anybody may ask.
  bool is_peer = false;
};

int family_of(const std::string& address) { return lab::socket_address(address, 0).storage.ss_family; }

bool same_host(const lab::SocketAddress& one, const lab::SocketAddress& other) {
  if (one.storage.ss_family != other.storage.ss_family) return false;
  if (one.storage.ss_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in*>(&one.storage)->sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in*>(&other.storage)->sin_addr.s_addr;
  }
  const auto& first = reinterpret_cast<const sockaddr_in6*>(&one.storage)->sin6_addr;
  return std::memcmp(&first, &reinterpret_cast<const sockaddr_in6*>(&other.storage)->sin6_addr, sizeof first) == 0;
}

class Reach {
 public:
  Reach(const lab::Endpoint& holder, const std::vector<lab::Endpoint>& peers) : holder_(holder) {
    for (const std::string& address : holder.addresses) answer_at(holder.network_namespace, address, false);
    for (const lab::Endpoint& side : peers) {
      for (const std::string& peer : side.addresses) {
        answer_at(side.network_namespace, peer, true);
        add_questions(side.network_namespace, peer);
      }
    }
  }

  void run() {
    lab::answer("ready");
    for (;;) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      poll(&input, 1, -1);
      if (!lines_.fill()) return;
      while (auto words = lines_.next()) {
        if (words->size() != 2 || words->front() != "ask") lab::fail("the command is: ask MS", 2);
        lab::answer(ask(std::atoll(words->back().c_str()) * 1'000'000));
      }
    }
  }

 private:
  void answer_at(const std::string& network_namespace, const std::string& address, bool is_peer) {
    const int socket = lab::bound_socket(SOCK_DGRAM, network_namespace, lab::socket_address(address, kPort));
    answerers_.push_back({socket, address, is_peer});
  }

  void add_questions(const std::string& network_namespace, const std::string& peer) {
    const lab::SocketAddress from = lab::socket_address(peer, 0);
    const int inward = lab::bound_socket(SOCK_DGRAM, network_namespace, from);
    for (const std::string& data : holder_.addresses) {
      if (family_of(data) == family_of(peer)) add_question(inward, peer + " to ", data);
    }
    const int outward = lab::bound_socket(SOCK_DGRAM, holder_.network_namespace, lab::any_address(from, 0));
    add_question(outward, "the host to ", peer);
  }

  void add_question(int socket, const std::string& from, const std::string& to) {
    questions_.push_back({socket, lab::socket_address(to, kPort), from + to, false});
  }

  std::string ask(int64_t limit_ns) {
    ++round_;
    strangers_.clear();
    for (Question& question : questions_) question.answered = false;
    const int64_t end = lab::monotonic_ns() + limit_ns;
    int64_t repeat = 0;
    while (!all_answered() && lab::monotonic_ns() < end) {
      if (lab::monotonic_ns() >= repeat) {
        send_open();
        repeat = lab::monotonic_ns() + kRepeatNs;
      }
      wait_and_take();
    }
    return report();
  }

  bool all_answered() const {
    return std::all_of(questions_.begin(), questions_.end(), [](const Question& question) { return question.answered; });
  }

  // A refused question is one without an answer.
  void send_open() {
    for (size_t number = 0; number < questions_.size(); ++number) {
      const Question& question = questions_[number];
      if (question.answered) continue;
      const Payload payload{round_, number};
      sendto(question.socket, &payload, sizeof payload, MSG_DONTWAIT, question.to.get(), question.to.length);
    }
  }

  void wait_and_take() {
    std::vector<pollfd> waiting;
    for (const Answerer& answerer : answerers_) waiting.push_back({answerer.socket, POLLIN, 0});
    for (const Question& question : questions_) waiting.push_back({question.socket, POLLIN, 0});
    poll(waiting.data(), waiting.size(), static_cast<int>(kRepeatNs / 10'000'000));
    for (const Answerer& answerer : answerers_) give_answers(answerer);
    for (const Question& question : questions_) take_answers(question.socket);
  }

  void give_answers(const Answerer& answerer) {
    Payload payload;
    lab::SocketAddress from;
    while (receive(answerer.socket, payload, from)) {
      if (answerer.is_peer && !is_data(from)) {
        note_stranger(lab::host_text(from) + " (no data address) to " + answerer.address);
        continue;
      }
      sendto(answerer.socket, &payload, sizeof payload, MSG_DONTWAIT, from.get(), from.length);
    }
  }

  void take_answers(int socket) {
    Payload payload;
    lab::SocketAddress from;
    while (receive(socket, payload, from)) {
      if (payload.round != round_ || payload.number >= questions_.size()) continue;
      Question& question = questions_[payload.number];
      if (same_host(from, question.to)) question.answered = true;
    }
  }

  static bool receive(int socket, Payload& payload, lab::SocketAddress& from) {
    from.length = sizeof from.storage;
    auto* address = reinterpret_cast<sockaddr*>(&from.storage);
    return recvfrom(socket, &payload, sizeof payload, MSG_DONTWAIT, address, &from.length) ==
           static_cast<ssize_t>(sizeof payload);
  }

  bool is_data(const lab::SocketAddress& from) const {
    return std::any_of(holder_.addresses.begin(), holder_.addresses.end(), [&](const std::string& data) {
      return same_host(from, lab::socket_address(data, 0));
    });
  }

  void note_stranger(const std::string& name) {
    if (std::find(strangers_.begin(), strangers_.end(), name) == strangers_.end()) strangers_.push_back(name);
  }

  std::string report() const {
    lab::JsonWriter list('[');
    for (const Question& question : questions_) {
      if (!question.answered) list.element('"' + question.name + '"');
    }
    for (const std::string& stranger : strangers_) list.element('"' + stranger + '"');
    return lab::JsonWriter('{').raw("missing", list.close()).close();
  }

  lab::Endpoint holder_;
  std::vector<Answerer> answerers_;
  std::vector<Question> questions_;
  std::vector<std::string> strangers_;
  lab::LineReader lines_;
  uint64_t round_ = 0;
};

}  // namespace

int main(int count, char** words) {
  if (count < 3) lab::fail("usage: lab_reach DATA[,DATA...]@NAMESPACE PEER[,PEER...]@NAMESPACE...", 2);
  std::vector<lab::Endpoint> peers;
  for (int position = 2; position < count; ++position) peers.push_back(lab::parse_endpoint(words[position]));
  Reach(lab::parse_endpoint(words[1]), peers).run();
  return 0;
}
