#pragma once

#include <cstddef>
#include <cstdint>

#include <troupe/transport/frame.hpp>

namespace shop::testing {

/// Where in a frame one direction of a connection between nodes stands.
class FrameCursor {
 public:
  void pass(std::uint8_t octet) {
    if (rest_ > 0) {
      --rest_;
      return;
    }
    if (header_ < size_octets) payload_ = payload_ << 8 | octet;
    if (++header_ < troupe::transport::frame_header_size) return;
    rest_ = payload_;
    header_ = 0;
    payload_ = 0;
  }
  bool is_inside() const { return rest_ > 0 || header_ > 0; }

 private:
  static constexpr std::size_t preface = 8;
  static constexpr std::size_t size_octets = 4;  ///< at the beginning of a header

  std::size_t rest_ = preface;  ///< of a preface or payload
  std::size_t header_ = 0;      ///< octets of a header that have passed
  std::size_t payload_ = 0;     ///< as far as the header tells
};

}  // namespace shop::testing
