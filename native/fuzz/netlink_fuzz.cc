// Any bytes at all through the walkers, every decoder, the addon's notions of what is relevant, and the replies to probes.
#include <sys/socket.h>

#include "codec/arp.h"
#include "codec/decode.h"
#include "codec/echo.h"
#include "engine/route_watch.h"

using namespace ipmp;

namespace {

void read_replies(ByteView bytes) {
  const SipKey key{1, 2};
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    const ByteView message = family == AF_INET ? ipv4_payload(bytes) : bytes;
    const std::uint16_t identifier = message.size() < 6 ? 0 : message[4] << 8 | message[5];
    read_echo_reply(message, family, identifier, key);
  }
  read_arp_reply(bytes, bytes.size() < 24 ? HardwareAddress{} : load<HardwareAddress>(bytes.subspan(18)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_replies(ByteView(data, size));
  RouteWatch watch;
  watch.begin({1, 2});
  ByteView rest(data, size);
  while (const auto message = next_message(rest)) {
    is_relevant(*message);
    acknowledgement_of(*message);
    decode_link(*message);
    decode_next_hop(*message);
    if (const auto address = decode_address(*message)) to_text(address->address);
    for (const auto& route : decode_other_routes(*message)) to_text(route.destination);
    watch.judge(*message);
    if (const auto route = decode_route(*message)) to_text(route->destination.address);
  }
  return 0;
}
