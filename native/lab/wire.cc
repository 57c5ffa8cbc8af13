// lab_wire: the cables of the laboratory, and the hand that pulls them.
//
//   lab_wire tap|veth CARD_NAMESPACE PORT_NAMESPACE CARD=PORT...
//
// One thread, one poll loop: frames of tap cables, and commands on standard input. Every command is answered by one line:
//   down CARD | up CARD          ok NANOSECONDS   the moment right before the carrier of the card changed
//   blackhole CARD | heal CARD   ok NANOSECONDS   frames vanish, the carrier stays (tap)
//   remove CARD | create CARD    ok NANOSECONDS   the card leaves the machine, a new one comes (tap)
//   flap                         ok NANOSECONDS   the kernel's one-second window for link events has just begun
//   anything else                error TEXT
// Times are CLOCK_MONOTONIC. The program ends with its input.
#include <poll.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lab/cable.h"
#include "lab/lines.h"
#include "lab/spare_card.h"
#include "lab/system.h"

namespace {

using Words = std::vector<std::string>;

constexpr const char* kSpareName = "spare0";
constexpr int kEnds = 2;
// Below the flow meter and whoever is under test: a cable is quick, but not quicker than they.
constexpr int kPriority = 5;
// While a flap waits for the kernel, its state is looked at this often.
constexpr int kFlapPollMs = 1;

class WireBoard {
 public:
  explicit WireBoard(const Words& arguments) {
    const bool tap = arguments[0] == "tap";
    if (!tap && arguments[0] != "veth") lab::fail("the kind of cable is tap or veth, not " + arguments[0], 2);
    spare_namespace_ = arguments[2];
    for (size_t index = 3; index < arguments.size(); ++index) add(tap, arguments[1], arguments[2], arguments[index]);
  }

  void run() {
    lab::become_realtime(kPriority);
    lab::answer("ready");
    while (serve()) {
    }
  }

 private:
  void add(bool tap, const std::string& card_namespace, const std::string& port_namespace, const std::string& pair) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) lab::fail("a cable is CARD=PORT, not " + pair, 2);
    const lab::CableEnds ends{pair.substr(0, equals), card_namespace, pair.substr(equals + 1), port_namespace};
    cables_[ends.card] = tap ? lab::make_tap_cable(ends) : lab::make_veth_cable(ends);
  }

  // One round of the loop: frames, then commands, then a flap under way. False at the end of the input.
  bool serve() {
    std::vector<pollfd> descriptors{{STDIN_FILENO, POLLIN, 0}};
    for (const auto& [card, cable] : cables_) {
      for (int end = 0; end < kEnds; ++end) descriptors.push_back({cable->descriptor(end), POLLIN, 0});
    }
    if (poll(descriptors.data(), descriptors.size(), flapping_ ? kFlapPollMs : -1) < 0) return true;
    size_t position = 1;
    for (const auto& [card, cable] : cables_) {
      for (int end = 0; end < kEnds; ++end) {
        if ((descriptors[position++].revents & POLLIN) != 0) cable->forward(end);
      }
    }
    const bool alive = descriptors[0].revents == 0 || read_commands();
    finish_flap();
    return alive;
  }

  bool read_commands() {
    if (!lines_.fill()) return false;
    while (auto words = lines_.next()) obey(*words);
    return true;
  }

  void obey(const Words& words) {
    if (words.size() == 1 && words[0] == "flap") return start_flap();
    const auto cable = words.size() == 2 ? cables_.find(words[1]) : cables_.end();
    if (cable == cables_.end()) return lab::answer("error no such command or card");
    const std::string& verb = words[0];
    if (verb == "down" || verb == "up") return answer_time(cable->second->set_carrier(verb == "up"));
    const int64_t now = lab::monotonic_ns();
    bool possible = false;
    if (verb == "blackhole" || verb == "heal") possible = cable->second->set_blackhole(verb == "blackhole");
    if (verb == "remove" || verb == "create") possible = cable->second->set_present(verb == "create");
    if (!possible) return lab::answer("error this kind of cable can not " + verb);
    answer_time(now);
  }

  void start_flap() {
    if (!spare_) spare_ = std::make_unique<lab::SpareCard>(kSpareName, spare_namespace_);
    spare_->toggle();
    flapping_ = true;
  }

  void finish_flap() {
    if (!flapping_ || !spare_->settled()) return;
    flapping_ = false;
    answer_time(lab::monotonic_ns());
  }

  static void answer_time(int64_t when) { lab::answer("ok " + std::to_string(when)); }

  std::map<std::string, std::unique_ptr<lab::Cable>> cables_;
  std::string spare_namespace_;
  std::unique_ptr<lab::SpareCard> spare_;
  bool flapping_ = false;
  lab::LineReader lines_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) lab::fail("usage: lab_wire tap|veth CARD_NAMESPACE PORT_NAMESPACE CARD=PORT...", 2);
  WireBoard(Words(arguments + 1, arguments + count)).run();
  return 0;
}
