#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>

#include "runtime/transport/frame.hpp"

namespace troupe::transport::detail {

/// What one link has to send: frames that may go, and frames that wait for the peer's credit.
///
/// A data frame may go while any credit is left, even where it takes more: so a frame larger than the window passes,
/// and the receiver has at most the window and one frame to hold.
class Outbound {
 public:
  explicit Outbound(std::int64_t credit = 0) : credit_(credit) {}

  void push(const Frame& frame);
  /// Ahead of what waits for credit. For control frames, which need none.
  void push_control(const Frame& frame) { append_frame(ready_, frame); }
  void push_octets(std::span<const std::byte> octets) { ready_.insert(ready_.end(), octets.begin(), octets.end()); }
  void add_credit(std::uint64_t octets);
  std::int64_t credit() const { return credit_; }

  /// What may be written now.
  std::span<const std::byte> ready() const { return std::span(ready_).subspan(written_); }
  void wrote(std::size_t octets);

  std::size_t queued() const { return ready_.size() - written_ + held_.size() - held_begin_; }
  bool empty() const { return queued() == 0; }
  /// Whether an ask waits for credit.
  bool holds_asks() const;

  /// The asks of which not one octet was written, oldest first.
  void each_unwritten_ask(const std::function<void(std::uint64_t request)>& visit) const;

 private:
  struct Mark {
    std::uint64_t request;
    std::uint64_t begin;  ///< counted from the link's first octet
  };
  struct Held {
    std::uint64_t request;
    std::size_t size;
    FrameType type;
  };

  void let_go(std::uint64_t request, FrameType type, std::size_t size);

  std::int64_t credit_;
  Bytes ready_;
  std::size_t written_ = 0;      ///< of ready_
  std::uint64_t taken_off_ = 0;  ///< octets that ready_ once held before its first one
  std::deque<Mark> asks_;        ///< the asks in ready_ that are not begun
  Bytes held_;
  std::size_t held_begin_ = 0;
  std::deque<Held> held_frames_;
};

}  // namespace troupe::transport::detail
