#include <troupe/transport/detail/send_queue.hpp>

namespace troupe::transport::detail {
namespace {

/// A buffer that a burst has grown beyond this is given back when it is empty.
constexpr std::size_t kept_capacity = 256 << 10;
/// Octets at a buffer's front that are not worth moving the rest for.
constexpr std::size_t idle_front = 64 << 10;

void drop_front(Bytes& buffer, std::size_t& begin) {
  if (begin == buffer.size()) {
    buffer.clear();
    begin = 0;
    if (buffer.capacity() > kept_capacity) Bytes().swap(buffer);
  } else if (begin > idle_front && begin > buffer.size() / 2) {
    buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(begin));
    begin = 0;
  }
}

}  // namespace

void SendQueue::push(const Frame& frame) {
  if (frame.type != FrameType::ask) return append_frame(ready_, frame);
  if (credit_ > 0 && held_.empty()) return let_go(frame);
  held_.push(frame);
}

void SendQueue::let_go(const Frame& ask) {
  credit_ -= static_cast<std::int64_t>(size_of(ask));
  asks_.push_back({ask.request, taken_off_ + ready_.size(), ask.deadline});
  append_frame(ready_, ask);
}

void SendQueue::add_credit(std::uint64_t octets) {
  credit_ += static_cast<std::int64_t>(octets);
  while (credit_ > 0 && !held_.empty()) let_go(held_.pop().frame());
}

std::span<const std::byte> SendQueue::ready(Instant now) {
  for (const Mark& ask : asks_) {
    set_patience(std::span(ready_).subspan(static_cast<std::size_t>(ask.begin - taken_off_)), ask.deadline, now);
  }
  return std::span(ready_).subspan(written_);
}

void SendQueue::wrote(std::size_t octets) {
  if (octets == 0) return;
  written_ += octets;
  const std::uint64_t at = taken_off_ + written_;
  while (!asks_.empty() && asks_.front().begin < at) asks_.pop_front();
  const std::size_t before = written_;
  drop_front(ready_, written_);
  taken_off_ += before - written_;
}

void SendQueue::each_unwritten_ask(const std::function<void(std::uint64_t request)>& visit) const {
  for (const Mark& ask : asks_) visit(ask.request);
  for (const auto& held : held_) visit(held.request);
}

}  // namespace troupe::transport::detail
