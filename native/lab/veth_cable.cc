#include <linux/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "lab/cable.h"
#include "lab/system.h"

namespace lab {

namespace {

class VethCable final : public Cable {
 public:
  explicit VethCable(CableEnds ends) : ends_(std::move(ends)) {
    inside_namespace(ends_.port_namespace, [&] { socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); });
    if (socket_ < 0) fail_errno("socket in namespace " + ends_.port_namespace);
  }

  ~VethCable() override { close(socket_); }

  int64_t set_carrier(bool on) override {
    ifreq request{};
    std::strncpy(request.ifr_name, ends_.port.c_str(), IFNAMSIZ - 1);
    if (ioctl(socket_, SIOCGIFFLAGS, &request) != 0) fail_errno("read the flags of " + ends_.port);
    request.ifr_flags = static_cast<short>(on ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    const int64_t when = monotonic_ns();
    if (ioctl(socket_, SIOCSIFFLAGS, &request) != 0) fail_errno("set the flags of " + ends_.port);
    return when;
  }

  bool set_blackhole(bool, bool) override { return false; }
  bool impair(const Impairments&) override { return false; }
  bool set_present(bool) override { return false; }
  int descriptor(int) const override { return -1; }
  void forward(int) override {}

 private:
  CableEnds ends_;
  int socket_ = -1;
};

}  // namespace

std::unique_ptr<Cable> make_veth_cable(const CableEnds& ends) { return std::make_unique<VethCable>(ends); }

}  // namespace lab
