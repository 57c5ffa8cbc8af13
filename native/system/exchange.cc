#include "system/exchange.h"

#include <cerrno>

#include "system/error.h"

namespace ipmp {
namespace {

// An acknowledgement with its text and the kernel's overhead stays well below this much of the receive buffer.
constexpr int kAcknowledgementBytes = 4096;

// A dump that was interrupted this often in a row is not going to succeed while the storm lasts.
constexpr int kDumpAttempts = 16;

}  // namespace

Exchange::Exchange(int buffer_bytes) : socket_(buffer_bytes), buffer_(kDatagramBytes) {}

std::size_t Exchange::batch_limit() const {
  return static_cast<std::size_t>(std::max(1, socket_.receive_buffer_bytes() / kAcknowledgementBytes));
}

void Exchange::send_part(const MessageBatch& batch, std::size_t first, std::size_t end) {
  const auto* begin = batch.message(first).data();
  const ByteView last = batch.message(end - 1);
  socket_.send(ByteView(begin, last.data() + last.size()));
}

std::vector<Acknowledgement> Exchange::apply(MessageBatch& batch) {
  drain();
  const std::uint32_t first_number = next_number_;
  batch.number_from(first_number);
  batch.acknowledge_all();
  next_number_ += static_cast<std::uint32_t>(batch.count());
  std::vector<Acknowledgement> answers(batch.count());
  const std::size_t limit = batch_limit();
  for (std::size_t first = 0; first < batch.count(); first += limit) {
    const std::size_t end = std::min(batch.count(), first + limit);
    send_part(batch, first, end);
    collect(answers, first_number, first, end);
  }
  return answers;
}

// Answers come in the order of the requests, but are matched by number: a late one of an earlier call must not count.
void Exchange::collect(std::vector<Acknowledgement>& answers, std::uint32_t first_number, std::size_t first,
                       std::size_t end) {
  for (std::size_t missing = end - first; missing > 0;) {
    ByteView rest = receive();
    while (const auto message = next_message(rest)) {
      const std::size_t position = message->header.nlmsg_seq - first_number;
      const auto answer = acknowledgement_of(*message);
      if (message->header.nlmsg_type != NLMSG_ERROR || position < first || position >= end || !answer) continue;
      answers[position] = *answer;
      --missing;
    }
  }
}

void Exchange::dump(MessageBatch request, const Visitor& each, const std::function<void()>& restart) {
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    restart();
    if (dump_once(request, each)) return;
  }
  throw SystemError("dumping kernel objects", EAGAIN, "interrupted by changes again and again");
}

bool Exchange::dump_once(MessageBatch& request, const Visitor& each) {
  drain();
  const std::uint32_t number = next_number_++;
  request.number_from(number);
  socket_.send(request.bytes());
  bool consistent = true;
  for (;;) {
    ByteView rest = receive();
    while (const auto message = next_message(rest)) {
      if (message->header.nlmsg_seq != number) continue;
      if (message->header.nlmsg_flags & NLM_F_DUMP_INTR) consistent = false;
      const auto type = message->header.nlmsg_type;
      if (type != NLMSG_ERROR && type != NLMSG_DONE) {
        each(*message);
        continue;
      }
      const auto end = acknowledgement_of(*message).value_or(Acknowledgement{});
      if (end.error != 0) throw SystemError("dumping kernel objects", end.error, end.text);
      return consistent;
    }
  }
}

bool Exchange::query(MessageBatch request, const Visitor& found, Acknowledgement& refusal) {
  drain();
  const std::uint32_t number = next_number_++;
  request.number_from(number);
  socket_.send(request.bytes());
  for (;;) {
    ByteView rest = receive();
    while (const auto message = next_message(rest)) {
      if (message->header.nlmsg_seq != number) continue;
      if (message->header.nlmsg_type != NLMSG_ERROR) return found(*message), true;
      refusal = acknowledgement_of(*message).value_or(Acknowledgement{EPROTO, ""});
      return false;
    }
  }
}

void Exchange::send_only(const MessageBatch& batch) {
  const std::size_t limit = batch_limit();
  for (std::size_t first = 0; first < batch.count(); first += limit) {
    send_part(batch, first, std::min(batch.count(), first + limit));
    if (first + limit < batch.count()) drain();
  }
}

void Exchange::drain() {
  ByteView ignored;
  while (socket_.receive(buffer_, ignored, false) != NetlinkSocket::Reception::nothing) {
  }
}

ByteView Exchange::receive() {
  ByteView datagram;
  if (socket_.receive(buffer_, datagram, true) == NetlinkSocket::Reception::lost) {
    throw SystemError("receiving answers to rtnetlink requests", ENOBUFS);
  }
  return datagram;
}

}  // namespace ipmp
