// A driver that tells the kernel late, to be preloaded: every link is of e1000, and has no link while there is a file with its name
// in the folder $LATE_DRIVER.
#include <dlfcn.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using Ioctl = int (*)(int, unsigned long, ...);

bool is_out(const ifreq& request) {
  return access((std::string(std::getenv("LATE_DRIVER")) + "/" + request.ifr_name).c_str(), F_OK) == 0;
}

// The answer of the real driver, as this one would have it.
void change(ifreq& request) {
  auto* answer = reinterpret_cast<ethtool_value*>(request.ifr_data);
  if (answer->cmd == ETHTOOL_GLINK && is_out(request)) answer->data = 0;
  if (answer->cmd == ETHTOOL_GDRVINFO) std::strcpy(reinterpret_cast<ethtool_drvinfo*>(answer)->driver, "e1000");
}

}  // namespace

extern "C" int ioctl(int descriptor, unsigned long number, ...) noexcept {
  static const auto real = reinterpret_cast<Ioctl>(dlsym(RTLD_NEXT, "ioctl"));
  va_list arguments;
  va_start(arguments, number);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const int status = real(descriptor, number, argument);
  if (status == 0 && number == SIOCETHTOOL && std::getenv("LATE_DRIVER") != nullptr) change(*static_cast<ifreq*>(argument));
  return status;
}
