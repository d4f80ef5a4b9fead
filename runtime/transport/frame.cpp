#include "runtime/transport/frame.hpp"

#include <array>
#include <cstring>
#include <stdexcept>

#include "runtime/transport/detail/big_endian.hpp"

namespace troupe::transport {
namespace {

bool is_known(std::uint8_t type) {
  return (type >= 1 && type <= 5) || (type >= 16 && type <= 19) || (type >= 32 && type <= 35);
}

FrameFault check(const Frame& frame, std::size_t payload, std::size_t max_payload) {
  if (payload > max_payload) return FrameFault::too_large;
  if (is_data(frame.type)) return FrameFault::none;
  if (frame.type >= FrameType::credit && payload != 0) return FrameFault::unexpected_payload;
  const std::uint8_t allowed = frame.type == FrameType::goodbye ? goodbye_last : 0;
  return (frame.flags & ~allowed) != 0 ? FrameFault::bad_flags : FrameFault::none;
}

}  // namespace

void append_frame(Bytes& out, const Frame& frame) {
  if (frame.payload.size() > UINT32_MAX) throw std::length_error("a frame's payload is at most 4 GiB");
  std::array<std::byte, frame_header_size> header{};
  detail::store_u32(header.data(), static_cast<std::uint32_t>(frame.payload.size()));
  header[4] = static_cast<std::byte>(frame.type);
  header[5] = static_cast<std::byte>(frame.flags);
  detail::store_u64(header.data() + 8, frame.request);
  const std::size_t at = out.size();
  out.resize(at + header.size() + frame.payload.size());
  std::memcpy(out.data() + at, header.data(), header.size());
  if (!frame.payload.empty()) std::memcpy(out.data() + at + header.size(), frame.payload.data(), frame.payload.size());
}

const char* to_text(FrameFault fault) {
  switch (fault) {
    case FrameFault::none:
      return "no fault";
    case FrameFault::unknown_type:
      return "a frame of an unknown type";
    case FrameFault::too_large:
      return "a frame over the size limit";
    case FrameFault::reserved_not_zero:
      return "a frame whose reserved octets are not zero";
    case FrameFault::unexpected_payload:
      return "a control frame with a payload";
    case FrameFault::bad_flags:
      return "a frame with unknown flags";
  }
  return "an unknown fault";
}

FrameStep read_frame(std::span<const std::byte> octets, std::size_t max_payload) {
  FrameStep step;
  if (octets.size() < frame_header_size) {
    step.missing = frame_header_size - octets.size();
    return step;
  }
  const std::size_t payload = detail::load_u32(octets.data());
  const auto type = static_cast<std::uint8_t>(octets[4]);
  step.frame.type = static_cast<FrameType>(type);
  step.frame.flags = static_cast<std::uint8_t>(octets[5]);
  step.frame.request = detail::load_u64(octets.data() + 8);
  if (!is_known(type)) {
    step.fault = FrameFault::unknown_type;
  } else if (octets[6] != std::byte{0} || octets[7] != std::byte{0}) {
    step.fault = FrameFault::reserved_not_zero;
  } else {
    step.fault = check(step.frame, payload, max_payload);
  }
  if (step.fault != FrameFault::none) {
    step.state = FrameStep::State::refused;
    return step;
  }
  const std::size_t size = frame_header_size + payload;
  if (octets.size() < size) {
    step.missing = size - octets.size();
    return step;
  }
  step.state = FrameStep::State::complete;
  step.size = size;
  step.frame.payload = octets.subspan(frame_header_size, payload);
  return step;
}

}  // namespace troupe::transport
