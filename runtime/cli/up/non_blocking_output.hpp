#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::cli {

/// Buffers output and writes only as much as the descriptor takes at once: a reader that stops, such as a pager, does
/// not keep this process from handling signals.
///
/// Output for a reader that has closed its end is dropped.
class NonBlockingOutput {
 public:
  /// While more bytes than this wait, the caller should stop reading what it would add.
  static constexpr std::size_t fill_limit = 256 * 1024;

  explicit NonBlockingOutput(int descriptor) : descriptor_(descriptor) {}

  int descriptor() const { return descriptor_; }
  void add(std::string_view bytes) {
    if (!gone_) waiting_ += bytes;
  }
  bool empty() const { return waiting_.empty(); }
  bool full() const { return waiting_.size() >= fill_limit; }

  /// Writes a piece. To be called when poll(2) says that the descriptor can be written to.
  void write_some();

 private:
  int descriptor_;
  std::string waiting_;
  bool gone_ = false;
};

}  // namespace troupe::cli
