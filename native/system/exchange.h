// Questions and answers over a netlink socket: requests with their acknowledgements, and dumps.
#pragma once

#include <optional>

#include "codec/message.h"
#include "codec/walk.h"
#include "system/netlink_socket.h"

namespace ipmp {

class Exchange {
 public:
  explicit Exchange(int buffer_bytes);

  // Sends the requests in as few sendmsg calls as their acknowledgements fit the receive buffer; one answer each, in
  // order. Throws SystemError when the conversation itself fails.
  std::vector<Acknowledgement> apply(MessageBatch& batch);

  using Visitor = std::function<void(const MessageView&)>;
  // Starts anew where the kernel says that a dump was interrupted by a change. `restart` is called before each attempt.
  void dump(MessageBatch request, const Visitor& each, const std::function<void()>& restart);

  // Asks for one object; nothing where there is none, with the kernel's answer in `refusal`.
  bool query(MessageBatch request, const Visitor& found, Acknowledgement& refusal);

  // Carries requests out and does not wait: answers are dropped by the next drain().
  void send_only(const MessageBatch& batch);
  void drain();

 private:
  std::size_t batch_limit() const;
  void send_part(const MessageBatch& batch, std::size_t first, std::size_t end);
  void collect(std::vector<Acknowledgement>& answers, std::uint32_t first_number, std::size_t first, std::size_t end);
  bool dump_once(MessageBatch& request, const Visitor& each);
  ByteView receive();

  NetlinkSocket socket_;
  Bytes buffer_;
  std::uint32_t next_number_ = 1;
};

}  // namespace ipmp
