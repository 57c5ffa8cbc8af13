#include "system/namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <thread>

#include "system/error.h"

namespace ipmp {
namespace {

std::uint32_t link_index(const std::string& name) {
  const unsigned index = if_nametoindex(name.c_str());
  if (index == 0 && errno != ENODEV && errno != ENXIO) fail("looking up interface " + name);
  return index;
}

// SO_NETNS_COOKIE, which the headers of older systems lack.
constexpr int kNamespaceCookie = 71;

std::uint64_t cookie_here() {
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) fail("opening a unix socket");
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  if (getsockopt(socket.number(), SOL_SOCKET, kNamespaceCookie, &cookie, &length) != 0) {
    fail("asking for the cookie of the network namespace");
  }
  return cookie;
}

}  // namespace

NetworkNamespace::NetworkNamespace(const std::string& path) {
  if (path.empty()) return;
  descriptor_ = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor_) fail("opening network namespace " + path);
}

void NetworkNamespace::run(const std::function<void()>& work) const {
  if (!descriptor_) return work();
  std::exception_ptr failure;
  std::thread inside([&] {
    try {
      enter();
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  inside.join();
  if (failure) std::rethrow_exception(failure);
}

std::vector<std::uint32_t> NetworkNamespace::link_indexes(const std::vector<std::string>& names) const {
  std::vector<std::uint32_t> indexes;
  run([&] {
    for (const auto& name : names) indexes.push_back(link_index(name));
  });
  return indexes;
}

std::uint64_t NetworkNamespace::cookie() const {
  std::uint64_t cookie = 0;
  run([&] { cookie = cookie_here(); });
  return cookie;
}

void NetworkNamespace::enter() const {
  if (descriptor_ && setns(descriptor_.number(), CLONE_NEWNET) != 0) fail("entering the network namespace");
}

}  // namespace ipmp
