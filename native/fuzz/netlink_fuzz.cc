// Any bytes at all through the walkers, every decoder, and the addon's notion of what is relevant.
#include "codec/decode.h"

using namespace ipmp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(data, size);
  while (const auto message = next_message(rest)) {
    is_relevant(*message);
    acknowledgement_of(*message);
    decode_link(*message);
    decode_next_hop(*message);
    if (const auto address = decode_address(*message)) to_text(address->address);
    if (const auto route = decode_route(*message)) to_text(route->destination.address);
  }
  return 0;
}
