#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe::transport::detail {

/// The credit that the peer has used on one link, and how much of it is to be given back.
class ReceiveCredit {
 public:
  explicit ReceiveCredit(std::uint32_t window) : window_(window) {}

  /// Whether the peer may begin no ask.
  bool is_used_up() const { return used_ >= window_; }
  /// An ask of the peer has come.
  void use(std::size_t octets) { used_ += octets; }
  /// An ask is done with: its credit may go back.
  void release(std::size_t octets) { released_ += octets; }

  /// The octets to give back now; 0: it is too early.
  std::size_t take_due() {
    // Asks that are held may take up nearly the whole window. The peer then works with what is left of it, so credit is
    // due after a part of that rest, not after a part of the window.
    const std::size_t held = used_ - released_;
    const std::size_t rest = window_ - std::min<std::size_t>(held, window_);
    if (released_ == 0 || released_ < rest / parts) return 0;
    used_ -= released_;
    return std::exchange(released_, 0);
  }

 private:
  static constexpr std::size_t parts = 4;

  const std::uint32_t window_;
  std::size_t used_ = 0;      ///< not given back
  std::size_t released_ = 0;  ///< of that
};

}  // namespace troupe::transport::detail
