#include <troupe/http/detail/answer_writer.hpp>

#include <boost/asio/error.hpp>
#include <utility>

namespace troupe::http {
namespace {

/// Kept of an output buffer between answers.
constexpr std::size_t retained_output_bytes = 64 * 1024;

void recycle(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > retained_output_bytes) buffer.shrink_to_fit();
}

}  // namespace

std::uint64_t AnswerWriter::expect(AnswerFraming framing, std::size_t body_bytes) {
  const std::uint64_t sequence = pipeline_.open(framing, body_bytes);
  count_waiting(pipeline_.size());
  return sequence;
}

void AnswerWriter::answer(std::uint64_t sequence, Response response) {
  pipeline_.answer(sequence, std::move(response), [this](AnswerFraming framing, const Response& ready) {
    append_answer(out_, ready, framing, connections_.date_line());
  });
  count_waiting(pipeline_.size());
}

void AnswerWriter::invite_body() { out_.append("HTTP/1.1 100 Continue\r\n\r\n"); }

AnswerWriter::Sent AnswerWriter::send(Socket& socket) {
  if (out_.empty()) return Sent::all;
  boost::system::error_code error;
  const std::size_t sent = socket.send(boost::asio::buffer(out_), 0, error);
  if (error && error != boost::asio::error::would_block) return Sent::broken;
  if (sent == out_.size()) {
    recycle(out_);
    return Sent::all;
  }
  sending_ = true;
  deadline_ = connections_.after(connections_.limits().write_time);
  unsent_.swap(out_);
  unsent_at_ = sent;
  return Sent::part;
}

AnswerWriter::Sent AnswerWriter::took(std::size_t bytes) {
  unsent_at_ += bytes;
  if (unsent_at_ < unsent_.size()) return Sent::part;
  sending_ = false;
  recycle(unsent_);
  return Sent::all;
}

bool AnswerWriter::has_room() const {
  const Limits& limits = connections_.limits();
  return pipeline_.size() < limits.pipelined && pipeline_.body_bytes() < limits.body_bytes &&
         out_.size() + unsent_.size() < limits.unsent_bytes;
}

void AnswerWriter::give_up() { count_waiting(0); }

void AnswerWriter::count_waiting(std::size_t waiting) {
  Counter& all = connections_.counters().in_flight;
  all.take(counted_);
  all.add(waiting);
  counted_ = waiting;
}

}  // namespace troupe::http
