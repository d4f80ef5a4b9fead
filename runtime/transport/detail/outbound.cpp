#include "runtime/transport/detail/outbound.hpp"

#include <algorithm>

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

void Outbound::let_go(std::uint64_t request, FrameType type, std::size_t size) {
  credit_ -= static_cast<std::int64_t>(size);
  if (type == FrameType::ask) asks_.push_back({request, taken_off_ + ready_.size()});
}

void Outbound::push(const Frame& frame) {
  const std::size_t size = size_of(frame);
  if (credit_ > 0 && held_frames_.empty()) {
    let_go(frame.request, frame.type, size);
    return append_frame(ready_, frame);
  }
  held_frames_.push_back({frame.request, size, frame.type});
  append_frame(held_, frame);
}

void Outbound::add_credit(std::uint64_t octets) {
  credit_ += static_cast<std::int64_t>(octets);
  while (credit_ > 0 && !held_frames_.empty()) {
    const Held next = held_frames_.front();
    held_frames_.pop_front();
    let_go(next.request, next.type, next.size);
    push_octets(std::span(held_).subspan(held_begin_, next.size));
    held_begin_ += next.size;
  }
  drop_front(held_, held_begin_);
}

void Outbound::wrote(std::size_t octets) {
  if (octets == 0) return;
  written_ += octets;
  const std::uint64_t at = taken_off_ + written_;
  while (!asks_.empty() && asks_.front().begin < at) asks_.pop_front();
  const std::size_t before = written_;
  drop_front(ready_, written_);
  taken_off_ += before - written_;
}

bool Outbound::holds_asks() const {
  return std::ranges::any_of(held_frames_, [](const Held& held) { return held.type == FrameType::ask; });
}

void Outbound::each_unwritten_ask(const std::function<void(std::uint64_t request)>& visit) const {
  for (const Mark& ask : asks_) visit(ask.request);
  for (const Held& held : held_frames_) {
    if (held.type == FrameType::ask) visit(held.request);
  }
}

}  // namespace troupe::transport::detail
