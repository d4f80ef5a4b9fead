#pragma once

#include <cstddef>
#include <span>

#include <troupe/transport/frame.hpp>

namespace troupe::transport::detail {

/// What one link has received, cut into frames in place. It grows with the octets that come, not as headers announce.
class ReceiveBuffer {
 public:
  /// Room for the next octets; grows when little is left.
  std::span<std::byte> space();
  void received(std::size_t octets);

  std::span<const std::byte> octets() const { return std::span(buffer_).subspan(begin_, end_ - begin_); }
  FrameStep next(std::size_t max_payload, Instant now = {}) const { return read_frame(octets(), max_payload, now); }
  /// The front is done with. What it held stays in place until space() is called.
  void take(std::size_t octets) { begin_ += octets; }

  std::size_t capacity() const { return buffer_.size(); }

 private:
  Bytes buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  ///< by the last read
};

}  // namespace troupe::transport::detail
