// Where a flow begins or ends: addresses of one family inside a network namespace.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lab {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

struct Endpoint {
  std::string network_namespace;
  std::vector<std::string> addresses;
};

/// Reads `ADDRESS[,ADDRESS...]@NAMESPACE`; ends the program with status 2 on anything else.
Endpoint parse_endpoint(const std::string& text);

/// The numeric address with a port; ends the program with status 2 where it is none.
SocketAddress socket_address(const std::string& address, uint16_t port);

/// The unspecified address of the same family.
SocketAddress any_address(const SocketAddress& like, uint16_t port);

/// The address alone, as people write it.
std::string host_text(const SocketAddress& address);

/// A non-blocking socket of `type`, made inside the namespace and bound.
int bound_socket(int type, const std::string& network_namespace, const SocketAddress& local);

}  // namespace lab
