#include "lab/spare_card.h"

#include <linux/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "lab/system.h"
#include "lab/tap.h"

namespace lab {

namespace {

ifreq request_for(const std::string& name, int socket) {
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (ioctl(socket, SIOCGIFFLAGS, &request) != 0) fail_errno("read the flags of " + name);
  return request;
}

}  // namespace

SpareCard::SpareCard(std::string name, std::string network_namespace)
    : name_(std::move(name)), tap_(std::make_unique<Tap>(name_, network_namespace)) {
  inside_namespace(network_namespace, [&] { socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); });
  if (socket_ < 0) fail_errno("socket in namespace " + network_namespace);
  ifreq request = request_for(name_, socket_);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (ioctl(socket_, SIOCSIFFLAGS, &request) != 0) fail_errno("set " + name_ + " up");
}

SpareCard::~SpareCard() { close(socket_); }

void SpareCard::toggle() {
  carrier_ = !carrier_;
  tap_->set_carrier(carrier_);
}

// IFF_RUNNING follows the operational state, which only the link-event work changes: asking does not hurry it.
bool SpareCard::settled() const {
  const bool running = (request_for(name_, socket_).ifr_flags & IFF_RUNNING) != 0;
  return running == carrier_;
}

}  // namespace lab
