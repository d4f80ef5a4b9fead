#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::cli {

/// An output of this process, written to only as far as it takes bytes at once: a reader that stops, such as a pager,
/// must not keep a signal from being seen.
///
/// A reader that is gone loses the lines and does no other harm.
class NonBlockingOutput {
 public:
  /// With more bytes waiting, whoever adds should stop to read its own sources until they have gone.
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
