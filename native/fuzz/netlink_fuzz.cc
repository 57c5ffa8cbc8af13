// Any bytes at all through the walkers, every decoder, and the addon's notions of what is relevant.
#include "codec/decode.h"
#include "engine/route_watch.h"

using namespace ipmp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
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
