#include "lab/tap.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>

#include "lab/system.h"

namespace lab {

Tap::Tap(const std::string& name, const std::string& network_namespace) {
  // The device lands in the namespace in which /dev/net/tun was opened.
  inside_namespace(network_namespace, [&] {
    descriptor_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor_ < 0) fail_errno("open /dev/net/tun (tap cables need it readable and writable)");
    ifreq request{};
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    if (ioctl(descriptor_, TUNSETIFF, &request) != 0) fail_errno("make tap " + name + " in " + network_namespace);
  });
}

Tap::~Tap() { close(descriptor_); }

void Tap::set_carrier(bool on) const {
  int value = on ? 1 : 0;
  if (ioctl(descriptor_, TUNSETCARRIER, &value) != 0) fail_errno("TUNSETCARRIER");
}

}  // namespace lab
