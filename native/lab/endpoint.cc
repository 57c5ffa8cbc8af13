#include "lab/endpoint.h"

#include <arpa/inet.h>

#include <sstream>

#include "lab/system.h"

namespace lab {

Endpoint parse_endpoint(const std::string& text) {
  const size_t at = text.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    fail("an end of a flow is ADDRESS[,ADDRESS...]@NAMESPACE, not " + text, 2);
  }
  Endpoint endpoint{text.substr(at + 1), {}};
  std::istringstream list(text.substr(0, at));
  for (std::string address; std::getline(list, address, ',');) endpoint.addresses.push_back(address);
  return endpoint;
}

SocketAddress socket_address(const std::string& address, uint16_t port) {
  SocketAddress result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result.length = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.length = sizeof(sockaddr_in6);
  } else {
    fail(address + " is no IPv4 or IPv6 address", 2);
  }
  return result;
}

SocketAddress any_address(const SocketAddress& like, uint16_t port) {
  return socket_address(like.storage.ss_family == AF_INET ? "0.0.0.0" : "::", port);
}

std::string host_text(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const void* octets = &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr;
  if (address.storage.ss_family == AF_INET) {
    octets = &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr;
  }
  return inet_ntop(address.storage.ss_family, octets, text, sizeof text) == nullptr ? "?" : text;
}

int bound_socket(int type, const std::string& network_namespace, const SocketAddress& local) {
  int result = -1;
  inside_namespace(network_namespace, [&] {
    result = socket(local.storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (result < 0) fail_errno("socket in namespace " + network_namespace);
    const int on = 1;
    setsockopt(result, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(result, local.get(), local.length) != 0) fail_errno("bind in namespace " + network_namespace);
  });
  return result;
}

}  // namespace lab
