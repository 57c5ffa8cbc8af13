// Echo messages: what leaves is what comes back, and only what we made ourselves is genuine.
#include "codec/echo.h"

#include <arpa/inet.h>

#include <algorithm>

#include "check.h"
#include "codec/arp.h"
#include "codec/frames.h"

using namespace ipmp;

namespace {

const SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
const ProbeMark kMark{ProbePurpose::count, 3, 5, 0, 70'000, 123'456'789};

// The vectors of the paper: the message is 00 01 02 ... of this length.
void siphash_is_that_of_its_authors() {
  Bytes message;
  for (std::uint8_t octet = 0; octet < 15; ++octet) message.push_back(octet);
  CHECK(siphash(kKey, ByteView(message).first(0)) == 0x726fdb47dd0e0e31);
  CHECK(siphash(kKey, ByteView(message).first(8)) == 0x93f5f5799a932462);
  CHECK(siphash(kKey, message) == 0xa129ca6149be45e5);
}

EchoMessage reply_to(std::uint8_t family, std::uint16_t identifier, const SipKey& key) {
  EchoMessage message;
  write_echo_request(message, family, identifier, kMark, key);
  message[0] = family == AF_INET ? 0 : 129;
  return message;
}

void a_reply_brings_back_what_was_sent() {
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    const auto reply = read_echo_reply(reply_to(family, 4711, kKey), family, 4711, kKey);
    CHECK(reply && reply->genuine);
    CHECK(reply && std::memcmp(&reply->mark, &kMark, sizeof kMark) == 0);
  }
}

void the_wire_sees_identifier_sequence_and_checksum() {
  EchoMessage message;
  write_echo_request(message, AF_INET, 4711, kMark, kKey);
  CHECK(message[0] == 8 && message[1] == 0);
  CHECK(ntohs(load<std::uint16_t>(ByteView(message).subspan(4))) == 4711);
  CHECK(ntohs(load<std::uint16_t>(ByteView(message).subspan(6))) == 70'000 % 65'536);
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < message.size(); at += 2) sum += message[at] << 8 | message[at + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  CHECK(sum == 0xffff);
}

// A receiver sums the message, under a pseudo-header where the address is one of IPv6, and must find zero.
void packets_are_whole_and_stay_on_the_link() {
  EchoMessage message;
  write_echo_request(message, AF_INET, 4711, kMark, kKey);
  const auto source4 = *parse_ip_address("192.0.2.20"), target4 = *parse_ip_address("192.0.2.1");
  const Bytes packet4 = echo_packet(message, source4, target4);
  CHECK(packet4.size() == 20 + kEchoBytes && packet4[0] == 0x45 && packet4[3] == packet4.size());
  CHECK(packet4[8] == 1 && packet4[9] == 1);
  CHECK(ip_address_of(AF_INET, ByteView(packet4).subspan(12, 4)) == source4);
  CHECK(ip_address_of(AF_INET, ByteView(packet4).subspan(16, 4)) == target4);
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < 20; at += 2) sum += packet4[at] << 8 | packet4[at + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  CHECK(sum == 0xffff);
  CHECK(std::ranges::equal(ipv4_payload(packet4), message));

  write_echo_request(message, AF_INET6, 4711, kMark, kKey);
  const auto source6 = *parse_ip_address("fe80::20"), target6 = *parse_ip_address("fe80::1:2:3");
  const Bytes packet6 = echo_packet(message, source6, target6);
  CHECK(packet6.size() == 40 + kEchoBytes && packet6[0] == 0x60 && packet6[5] == kEchoBytes);
  CHECK(packet6[6] == 58 && packet6[7] == 1);
  CHECK(ip_address_of(AF_INET6, ByteView(packet6).subspan(8, 16)) == source6);
  CHECK(ip_address_of(AF_INET6, ByteView(packet6).subspan(24, 16)) == target6);
  CHECK(icmpv6_checksum(source6, target6, ByteView(packet6).subspan(40)) == 0);
}

void all_are_those_who_listen() {
  CHECK(hardware_address_of_all(*parse_ip_address("192.0.2.1")) == kBroadcastHardwareAddress);
  CHECK((hardware_address_of_all(*parse_ip_address("2001:db8::1:2:3")) == HardwareAddress{0x33, 0x33, 0xff, 2, 0, 3}));
}

void nobody_forges_a_reply() {
  const auto of_another_process = read_echo_reply(reply_to(AF_INET, 4711, {1, 2}), AF_INET, 4711, kKey);
  CHECK(of_another_process && !of_another_process->genuine);
  for (std::size_t at = 8; at < kEchoBytes; ++at) {
    auto message = reply_to(AF_INET, 4711, kKey);
    message[at] ^= 1;
    const auto reply = read_echo_reply(message, AF_INET, 4711, kKey);
    CHECK(reply && !reply->genuine);
  }
}

void what_is_no_reply_of_ours_is_left_alone() {
  const auto reply = reply_to(AF_INET, 4711, kKey);
  EchoMessage request;
  write_echo_request(request, AF_INET, 4711, kMark, kKey);
  CHECK(!read_echo_reply(request, AF_INET, 4711, kKey));
  CHECK(!read_echo_reply(reply, AF_INET, 4712, kKey));
  CHECK(!read_echo_reply(reply, AF_INET6, 4711, kKey));
  CHECK(!read_echo_reply(ByteView(reply).first(kEchoBytes - 1), AF_INET, 4711, kKey));
  CHECK(!read_echo_reply({}, AF_INET, 4711, kKey));
}

void the_ip_header_is_as_long_as_it_says() {
  Bytes packet(24 + 3, 0);
  packet[0] = 0x46;
  CHECK(ipv4_payload(packet).size() == 3);
  packet[0] = 0x44;
  CHECK(ipv4_payload(packet).empty());
  packet[0] = 0x4f;
  CHECK(ipv4_payload(packet).empty());
  CHECK(ipv4_payload({}).empty());
}

void arp_asks_without_a_name_and_hears_its_own_answers() {
  const HardwareAddress mine{2, 0, 0, 0, 0, 1};
  const HardwareAddress other{2, 0, 0, 0, 0, 2};
  const auto target = *parse_ip_address("192.0.2.1");
  const auto question = arp_question(mine, target);
  CHECK(load<std::uint32_t>(ByteView(question).subspan(14)) == 0);
  CHECK(ip_address_of(AF_INET, ByteView(question).subspan(24, 4)) == target);
  CHECK(!read_arp_reply(question, mine));
  Bytes reply(question.begin(), question.end());
  reply[7] = 2;
  std::copy(other.begin(), other.end(), reply.begin() + 8);
  std::copy(target.octets.begin(), target.octets.begin() + 4, reply.begin() + 14);
  std::copy(mine.begin(), mine.end(), reply.begin() + 18);
  std::fill(reply.begin() + 24, reply.begin() + 28, 0);
  reply.resize(46);
  const auto read = read_arp_reply(reply, mine);
  CHECK(read && read->address == target && read->hardware_address == other);
  CHECK(!read_arp_reply(reply, other));
  Bytes gratuitous = reply;
  std::copy(target.octets.begin(), target.octets.begin() + 4, gratuitous.begin() + 24);
  CHECK(!read_arp_reply(gratuitous, mine));
  CHECK(!read_arp_reply(ByteView(reply).first(27), mine));
}

}  // namespace

int main() {
  siphash_is_that_of_its_authors();
  a_reply_brings_back_what_was_sent();
  the_wire_sees_identifier_sequence_and_checksum();
  packets_are_whole_and_stay_on_the_link();
  all_are_those_who_listen();
  nobody_forges_a_reply();
  what_is_no_reply_of_ours_is_left_alone();
  the_ip_header_is_as_long_as_it_says();
  arp_asks_without_a_name_and_hears_its_own_answers();
  return test::result();
}
