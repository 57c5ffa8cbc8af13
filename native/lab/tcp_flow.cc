// A TCP connection that carries numbered records, echoed by the far end and checked on return.
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lab/flow.h"
#include "lab/json.h"
#include "lab/system.h"

namespace lab {

namespace {

constexpr size_t kRecordBytes = sizeof(uint64_t);

class TcpFlow final : public Flow {
 public:
  explicit TcpFlow(const FlowSettings& settings) : settings_(settings), due_ns_(monotonic_ns()) {
    const SocketAddress server = socket_address(settings.to.addresses[0], settings.port);
    listener_ = bound_socket(SOCK_STREAM, settings.to.network_namespace, server);
    if (listen(listener_, 1) != 0) fail_errno("listen on " + settings.to.addresses[0]);
    client_ = bound_socket(SOCK_STREAM, settings.from.network_namespace,
                           socket_address(settings.from.addresses[0], 0));
    const int on = 1;
    setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client_, server.get(), server.length) != 0 && errno != EINPROGRESS) {
      fail_errno("connect to " + settings.to.addresses[0]);
    }
  }

  void send_due(int64_t now) override {
    if (server_ < 0 || broken_ != 0) due_ns_ = now + settings_.interval_ns;
    while (due_ns_ <= now) {
      due_ns_ += settings_.interval_ns;
      const uint64_t number = sent_;
      to_server_.append(reinterpret_cast<const char*>(&number), kRecordBytes);
      ++sent_;
    }
    flush(client_, to_server_);
  }

  int64_t due() const override { return due_ns_; }

  void receive() override {
    if (server_ < 0) return accept_client();
    take(server_, to_client_);
    flush(server_, to_client_);
    const size_t before = returned_.size();
    take(client_, returned_);
    if (returned_.size() != before) note_arrival(monotonic_ns());
    check_returned();
  }

  bool flowing() const override { return received_ > 0; }

  void mark() override {
    sent_before_ = sent_;
    last_arrival_ns_ = monotonic_ns();
    longest_silence_ns_ = 0;
  }

  void cut() override { cut_ = sent_; }
  bool complete() const override { return received_ >= cut_ || broken_ != 0; }

  std::string report() const override {
    const int64_t silence = std::max(longest_silence_ns_, monotonic_ns() - last_arrival_ns_);
    JsonWriter result('{');
    result.name("name", settings_.name).name("kind", "tcp");
    result.number("intervalUs", settings_.interval_ns / 1000);
    result.number("sent", cut_ - sent_before_).number("received", received_in_window());
    result.number("wrong", wrong_).number("longestSilenceUs", silence / 1000);
    result.name("broken", broken_ == 0 ? "" : errno_name(broken_));
    return result.close();
  }

 private:
  void accept_client() {
    server_ = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (server_ < 0) return;
    const int on = 1;
    setsockopt(server_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  // Records that were on the way at the mark belong to the window before.
  uint64_t received_in_window() const {
    const uint64_t last = std::min(received_, cut_);
    return last > sent_before_ ? last - sent_before_ : 0;
  }

  void note_arrival(int64_t now) {
    longest_silence_ns_ = std::max(longest_silence_ns_, now - last_arrival_ns_);
    last_arrival_ns_ = now;
  }

  // Records come back in order and complete, or something is badly wrong with more than the network.
  void check_returned() {
    size_t position = 0;
    for (; position + kRecordBytes <= returned_.size(); position += kRecordBytes) {
      uint64_t number = 0;
      std::memcpy(&number, returned_.data() + position, kRecordBytes);
      if (number != received_) ++wrong_;
      ++received_;
    }
    returned_.erase(0, position);
  }

  void take(int socket, std::string& into) {
    char buffer[8192];
    ssize_t count = 0;
    while ((count = recv(socket, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      into.append(buffer, static_cast<size_t>(count));
    }
    if (count == 0) note_broken(ECONNRESET);
    if (count < 0) note_broken(errno);
  }

  void flush(int socket, std::string& from) {
    if (from.empty()) return;
    const ssize_t count = ::send(socket, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) from.erase(0, static_cast<size_t>(count));
    if (count < 0) note_broken(errno);
  }

  void note_broken(int number) {
    if (number != EAGAIN && number != EINTR && broken_ == 0) broken_ = number;
  }

  FlowSettings settings_;
  int listener_ = -1;
  int client_ = -1;
  int server_ = -1;
  int64_t due_ns_;
  std::string to_server_;
  std::string to_client_;
  std::string returned_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  uint64_t wrong_ = 0;
  uint64_t cut_ = 0;
  uint64_t sent_before_ = 0;
  int64_t last_arrival_ns_ = 0;
  int64_t longest_silence_ns_ = 0;
  int broken_ = 0;
};

}  // namespace

std::unique_ptr<Flow> make_tcp_flow(const FlowSettings& settings) { return std::make_unique<TcpFlow>(settings); }

}  // namespace lab
