// Announcement frames against octets written down by hand, and addresses against their texts.
#include "codec/frames.h"

#include <sys/socket.h>

#include "check.h"

using namespace ipmp;

namespace {

const HardwareAddress kOwn{2, 0, 0, 0, 0, 0x0a};

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

void arp_request_and_reply() {
  const auto frames = announcement_frames({7, kOwn, *parse_ip_address("192.0.2.10")});
  const Bytes broadcast(6, 0xff), own(kOwn.begin(), kOwn.end()), ip{192, 0, 2, 10}, nobody(6, 0);
  const Bytes arp{8, 6, 0, 1, 8, 0, 6, 4, 0};
  CHECK(frames.size() == 2 && frames[0].index == 7);
  CHECK(frames[0].bytes == join({broadcast, own, arp, {1}, own, ip, nobody, ip}));
  CHECK(frames[1].bytes == join({broadcast, own, arp, {2}, own, ip, own, ip}));
}

void neighbour_advertisement() {
  const auto address = *parse_ip_address("2001:db8::10");
  const auto frames = announcement_frames({7, kOwn, address});
  CHECK(frames.size() == 1);
  const Bytes& frame = frames[0].bytes;
  CHECK(frame.size() == 14 + 40 + 32);
  CHECK((Bytes(frame.begin(), frame.begin() + 6) == Bytes{0x33, 0x33, 0, 0, 0, 1}));
  CHECK(frame[14 + 6] == 58 && frame[14 + 7] == 255);
  CHECK(frame[54] == 136 && frame[58] == 0x20);
  // A receiver sums the message with its checksum in place and must find zero.
  const auto all_nodes = *parse_ip_address("ff02::1");
  CHECK(icmpv6_checksum(address, all_nodes, ByteView(frame).subspan(54)) == 0);
}

void address_texts() {
  CHECK(to_text(*parse_ip_address("2001:0DB8:0::0010")) == "2001:db8::10");
  CHECK(!parse_ip_address("192.0.2"));
  CHECK(!parse_ip_address("192.0.2.010.1"));
  CHECK(parse_ip_prefix("::/0") && parse_ip_prefix("192.0.2.0/24")->length == 24);
  CHECK(!parse_ip_prefix("192.0.2.0/33") && !parse_ip_prefix("192.0.2.0/") && !parse_ip_prefix("192.0.2.0/-1"));
  CHECK(hardware_address_text(kOwn) == "02:00:00:00:00:0a");
  CHECK(parse_hardware_address("02:00:00:00:00:0A") == kOwn);
  CHECK(!parse_hardware_address("02:00:00:00:00") && !parse_hardware_address("02-00-00-00-00-0a"));
  CHECK(!parse_hardware_address(""));
}

}  // namespace

int main() {
  arp_request_and_reply();
  neighbour_advertisement();
  address_texts();
  return ipmp::test::result();
}
