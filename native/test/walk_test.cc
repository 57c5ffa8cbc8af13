// The walkers on good, cut and lying bytes.
#include "codec/walk.h"

#include <linux/rtnetlink.h>

#include "check.h"
#include "codec/decode.h"
#include "codec/requests.h"

using namespace ipmp;

namespace {

MessageBatch link_message() {
  MessageBatch batch;
  encode(batch, CreateLink{"ipmp0", "dummy"});
  return batch;
}

void reads_what_was_built() {
  const auto batch = link_message();
  ByteView rest = batch.bytes();
  const auto message = next_message(rest);
  CHECK(message && rest.empty());
  CHECK(message->header.nlmsg_type == RTM_NEWLINK);
  const auto link = decode_link(*message);
  CHECK(link && link->name == "ipmp0" && link->kind == "dummy");
}

void every_cut_is_refused_or_harmless() {
  const auto batch = link_message();
  for (std::size_t length = 0; length < batch.bytes().size(); ++length) {
    const Bytes cut(batch.bytes().begin(), batch.bytes().begin() + static_cast<std::ptrdiff_t>(length));
    ByteView rest(cut);
    CHECK(!next_message(rest));
  }
}

void a_lying_length_ends_the_walk() {
  const auto batch = link_message();
  for (const std::uint32_t length : {0u, 15u, 1u << 30, 0xffffffffu}) {
    Bytes lie(batch.bytes().begin(), batch.bytes().end());
    std::memcpy(lie.data(), &length, sizeof length);
    ByteView rest(lie);
    CHECK(!next_message(rest));
  }
}

void attributes_stop_at_a_broken_one() {
  const Bytes broken{3, 0, 1, 0, 8, 0, 2, 0, 1, 2, 3, 4};
  CHECK(!Attributes(broken).number(2));
  const Bytes good{8, 0, 2, 0, 1, 2, 3, 4};
  CHECK(Attributes(good).number(2) == 0x04030201u);
  CHECK(!Attributes(good).number(1));
}

void extended_acknowledgement_is_read() {
  // NLMSG_ERROR, capped, with NLMSGERR_ATTR_MSG "no": length, type, flags, sequence, port, -EEXIST, echoed header, text.
  Bytes bytes;
  append(bytes, nlmsghdr{44, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 7, 0});
  append(bytes, int{-17});
  append(bytes, nlmsghdr{100, RTM_NEWADDR, 0, 7, 0});
  append(bytes, nlattr{7, NLMSGERR_ATTR_MSG});
  for (const char octet : {'n', 'o', '\0', '\0'}) bytes.push_back(static_cast<std::uint8_t>(octet));
  ByteView rest(bytes);
  const auto message = next_message(rest);
  const auto answer = message ? acknowledgement_of(*message) : std::nullopt;
  CHECK(answer && answer->error == 17 && answer->text == "no");
}

}  // namespace

int main() {
  reads_what_was_built();
  every_cut_is_refused_or_harmless();
  a_lying_length_ends_the_walk();
  attributes_stop_at_a_broken_one();
  extended_acknowledgement_is_read();
  return ipmp::test::result();
}
