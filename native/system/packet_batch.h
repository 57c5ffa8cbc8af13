// Many small packets in one system call, in memory that is used again and again.
#pragma once

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "codec/ip_address.h"

namespace ipmp {

inline constexpr std::size_t kBatchPackets = 64;

union PacketAddress {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_in6 ipv6;
  sockaddr_ll link;
};

// Where an echo request for `address` goes; link-local addresses need the link.
PacketAddress destination_of(const IpAddress& address, std::uint32_t index);
// Where a packet of this protocol (ETH_P_...) for `hardware_address` goes.
PacketAddress link_destination(std::uint16_t protocol, const HardwareAddress& hardware_address, std::uint32_t index);

class SendBatch {
 public:
  SendBatch();

  std::size_t size() const { return size_; }
  bool full() const { return size_ == kBatchPackets; }
  void clear() { size_ = 0; }
  // `bytes` are copied.
  void add(ByteView bytes, const PacketAddress& to);
  // Sends all. error(i) tells of each: 0 where it left, or its errno. Where the queue of a card is full a packet counts as
  // sent: a card that does not get rid of its packets is one that fails.
  void send(int socket);
  int error(std::size_t i) const { return errors_[i]; }

 private:
  struct Slot {
    std::array<std::uint8_t, 96> bytes;
    PacketAddress to;
    iovec piece;
  };
  std::unique_ptr<std::array<Slot, kBatchPackets>> slots_;
  std::array<mmsghdr, kBatchPackets> headers_{};
  std::array<int, kBatchPackets> errors_{};
  std::size_t size_ = 0;
};

struct ReceivedPacket {
  ByteView bytes;
  // Of CLOCK_REALTIME, by the kernel; 0 where it gave none.
  std::int64_t stamped_ns;
  const PacketAddress* from;
};

class ReceiveBatch {
 public:
  ReceiveBatch();

  // How many came; 0 where there is nothing. Never waits.
  std::size_t receive(int socket);
  ReceivedPacket packet(std::size_t i) const;

 private:
  struct Slot {
    std::array<std::uint8_t, 256> bytes;
    alignas(cmsghdr) std::array<std::uint8_t, 64> control;
    PacketAddress from;
    iovec piece;
  };
  std::unique_ptr<std::array<Slot, kBatchPackets>> slots_;
  std::array<mmsghdr, kBatchPackets> headers_{};
  // Filled by the last call, or at first all: their lengths have to be set.
  std::size_t used_ = kBatchPackets;
};

}  // namespace ipmp
