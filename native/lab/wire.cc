// lab_wire: the cables of the laboratory, and the hand that pulls them.
//
//   lab_wire tap|veth CARD_NAMESPACE PORT_NAMESPACE CARD=PORT...
//
// One thread, one poll loop: frames of tap cables, and commands on standard input. Every command is answered by one line:
//   down CARD | up CARD          ok NANOSECONDS   the moment right before the carrier of the card changed
//   blackhole CARD [in|out]      ok NANOSECONDS   frames vanish, the carrier stays; only those to or from the card (tap)
//   loss CARD PERCENT            ok NANOSECONDS   frames of both directions are lost by chance (tap), or likewise:
//   duplicate CARD PERCENT                          they arrive twice
//   corrupt CARD PERCENT                            they arrive spoiled
//   delay CARD MS                                   they arrive later
//   jitter CARD MS                                  they arrive later by 0 to MS, so that some overtake others
//   heal CARD                    ok NANOSECONDS   all of that is over (tap)
//   remove CARD | create CARD    ok NANOSECONDS   the card leaves the machine, a new one comes (tap)
//   flap                         ok NANOSECONDS   the kernel's one-second window for link events has just begun
//   anything else                error TEXT
// Times are CLOCK_MONOTONIC. The program ends with its input.
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
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
constexpr int64_t kFlapPollNs = 1'000'000;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

/// What can be set to a number of percent or milliseconds.
const std::map<std::string, double lab::Impairments::*> kImpairments{
    {"loss", &lab::Impairments::loss_percent},   {"duplicate", &lab::Impairments::duplicate_percent},
    {"corrupt", &lab::Impairments::corrupt_percent}, {"delay", &lab::Impairments::delay_ms},
    {"jitter", &lab::Impairments::jitter_ms},
};

std::optional<double> amount(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0)) return std::nullopt;
  return value;
}

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
    if (wait(descriptors) < 0) return true;
    size_t position = 1;
    for (const auto& [card, cable] : cables_) {
      for (int end = 0; end < kEnds; ++end) {
        if ((descriptors[position++].revents & POLLIN) != 0) cable->forward(end);
      }
    }
    for (const auto& [card, cable] : cables_) cable->deliver();
    const bool alive = descriptors[0].revents == 0 || read_commands();
    finish_flap();
    return alive;
  }

  // Until a descriptor is ready, a delayed frame is due, or a flap is to be looked at.
  int wait(std::vector<pollfd>& descriptors) const {
    int64_t wait_ns = flapping_ ? kFlapPollNs : -1;
    const int64_t now = lab::monotonic_ns();
    for (const auto& [card, cable] : cables_) {
      const int64_t arrival = cable->next_arrival();
      if (arrival < 0) continue;
      const int64_t left = std::max<int64_t>(arrival - now, 0);
      wait_ns = wait_ns < 0 ? left : std::min(wait_ns, left);
    }
    const timespec timeout{wait_ns / kNanosecondsPerSecond, wait_ns % kNanosecondsPerSecond};
    return ppoll(descriptors.data(), descriptors.size(), wait_ns < 0 ? nullptr : &timeout, nullptr);
  }

  bool read_commands() {
    if (!lines_.fill()) return false;
    while (auto words = lines_.next()) obey(*words);
    return true;
  }

  void obey(const Words& words) {
    if (words.size() == 1 && words[0] == "flap") return start_flap();
    const auto cable = words.size() == 2 || words.size() == 3 ? cables_.find(words[1]) : cables_.end();
    if (cable == cables_.end()) return lab::answer("error no such command or card");
    const std::string& verb = words[0];
    const std::string value = words.size() == 3 ? words[2] : "";
    if (value.empty() && (verb == "down" || verb == "up")) return answer_time(cable->second->set_carrier(verb == "up"));
    const int64_t now = lab::monotonic_ns();
    if (!change(*cable, verb, value)) return lab::answer("error this kind of cable can not " + verb + " " + value);
    answer_time(now);
  }

  using NamedCable = std::pair<const std::string, std::unique_ptr<lab::Cable>>;

  // False where the cable can not do it, or nobody can.
  bool change(const NamedCable& named, const std::string& verb, const std::string& value) {
    lab::Cable& cable = *named.second;
    if (verb == "blackhole" && (value.empty() || value == "in" || value == "out")) {
      return cable.set_blackhole(value != "in", value != "out");
    }
    if (kImpairments.contains(verb)) return impair(named, kImpairments.at(verb), amount(value));
    if (!value.empty()) return false;
    if (verb == "heal") return cable.set_blackhole(false, false) && cable.impair(impairments_[named.first] = {});
    return (verb == "remove" || verb == "create") && cable.set_present(verb == "create");
  }

  bool impair(const NamedCable& named, double lab::Impairments::* what, std::optional<double> value) {
    if (!value) return false;
    lab::Impairments& impairments = impairments_[named.first];
    impairments.*what = *value;
    return named.second->impair(impairments);
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
  std::map<std::string, lab::Impairments> impairments_;
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
