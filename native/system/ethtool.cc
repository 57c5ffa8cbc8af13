#include "system/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

namespace ipmp {

Ethtool::Ethtool() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

std::string Ethtool::driver(const std::string& name) const {
  ethtool_drvinfo question{};
  question.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&question);
  if (ioctl(socket_.number(), SIOCETHTOOL, &request) != 0) return "";
  return std::string(question.driver, strnlen(question.driver, sizeof question.driver));
}

// By the name that the link has at this moment: names move between links. The first two questions need no lock.
std::optional<bool> Ethtool::has_link(std::uint32_t index) const {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  if (ioctl(socket_.number(), SIOCGIFNAME, &request) != 0) return std::nullopt;
  if (ioctl(socket_.number(), SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) == 0) return std::nullopt;
  ethtool_value answer{};
  answer.cmd = ETHTOOL_GLINK;
  request.ifr_data = reinterpret_cast<char*>(&answer);
  if (ioctl(socket_.number(), SIOCETHTOOL, &request) != 0) return std::nullopt;
  return answer.data != 0;
}

}  // namespace ipmp
