#include <troupe/transport/detail/receive_buffer.hpp>

#include <algorithm>
#include <cstring>

namespace troupe::transport::detail {
namespace {

constexpr std::size_t first_size = 16 << 10;
/// An empty buffer keeps no more than this; one that is read full grows to it.
constexpr std::size_t usual_size = 256 << 10;
constexpr std::size_t least_space = 4 << 10;

}  // namespace

std::span<std::byte> ReceiveBuffer::space() {
  const std::size_t held = end_ - begin_;
  if (held == 0) {
    begin_ = end_ = 0;
    if (buffer_.size() > usual_size) Bytes(usual_size).swap(buffer_);
  }
  std::size_t wanted = std::max(buffer_.size(), first_size);
  if (filled_ && wanted < usual_size) wanted *= 2;
  // For a frame larger than the buffer: doubled as its octets come in, whatever its header announces.
  if (held + least_space > wanted) wanted *= 2;
  filled_ = false;
  if (wanted > buffer_.size()) {
    Bytes larger(wanted);
    if (held != 0) std::memcpy(larger.data(), buffer_.data() + begin_, held);
    buffer_.swap(larger);
    begin_ = 0;
    end_ = held;
  } else if (buffer_.size() - end_ < least_space || (begin_ != 0 && buffer_.size() - end_ < buffer_.size() / 2)) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, held);
    begin_ = 0;
    end_ = held;
  }
  return std::span(buffer_).subspan(end_);
}

void ReceiveBuffer::received(std::size_t octets) {
  end_ += octets;
  filled_ = end_ == buffer_.size();
}

}  // namespace troupe::transport::detail
