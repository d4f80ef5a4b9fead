#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>

#include <troupe/transport/detail/frame_queue.hpp>
#include <troupe/transport/frame.hpp>

namespace troupe::transport::detail {

/// What one link has to send: frames that may go, and asks that wait for the peer's credit.
///
/// An ask may go while any credit is left, even where it takes more: so a frame larger than the window passes, and the
/// receiver has at most the window and one frame to hold. All else needs no credit: answers are bounded by the asks
/// that they are for, and must not wait for the asks of this end.
class SendQueue {
 public:
  explicit SendQueue(std::int64_t credit = 0) : credit_(credit) {}

  void push(const Frame& frame);
  void push_octets(std::span<const std::byte> octets) { ready_.insert(ready_.end(), octets.begin(), octets.end()); }
  /// Takes out an ask that waits for credit. False: it does not.
  bool remove(std::uint64_t request) { return held_.remove(request); }
  void add_credit(std::uint64_t octets);
  std::int64_t credit() const { return credit_; }

  /// What may be written at this moment: each ask that is not begun says how long it still waits.
  std::span<const std::byte> ready(Instant now);
  bool has_ready() const { return written_ < ready_.size(); }
  std::size_t ready_size() const { return ready_.size() - written_; }
  void wrote(std::size_t octets);

  std::size_t queued() const { return ready_size() + held_.octets(); }
  bool empty() const { return queued() == 0; }
  /// Whether an ask waits for credit.
  bool holds_asks() const { return !held_.empty(); }

  /// The asks of which not one octet was written, oldest first.
  void each_unwritten_ask(const std::function<void(std::uint64_t request)>& visit) const;

 private:
  struct Mark {
    std::uint64_t request;
    std::uint64_t begin;  ///< counted from the link's first octet
    Instant deadline;
  };

  void let_go(const Frame& ask);

  std::int64_t credit_;
  Bytes ready_;
  std::size_t written_ = 0;      ///< of ready_
  std::uint64_t taken_off_ = 0;  ///< octets that ready_ once held before its first one
  std::deque<Mark> asks_;        ///< the asks in ready_ that are not begun
  FrameQueue held_;
};

}  // namespace troupe::transport::detail
