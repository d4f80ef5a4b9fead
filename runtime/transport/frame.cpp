#include <troupe/transport/frame.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include <troupe/wire/big_endian.hpp>

namespace troupe::transport {
namespace {

bool is_known(std::uint8_t type) {
  return (type >= 1 && type <= 5) || (type >= 16 && type <= 21) || (type >= 32 && type <= 35);
}

FrameFault check(const Frame& frame, std::size_t payload, std::size_t max_payload) {
  if (payload > max_payload) return FrameFault::too_large;
  if (frame.type == FrameType::ask && payload < patience_size) return FrameFault::no_patience;
  if (is_data(frame.type)) return FrameFault::none;
  if (frame.type >= FrameType::credit && payload != 0) return FrameFault::unexpected_payload;
  const std::uint8_t allowed = frame.type == FrameType::goodbye ? goodbye_last : 0;
  return (frame.flags & ~allowed) != 0 ? FrameFault::bad_flags : FrameFault::none;
}

/// The most that travels: for ever.
constexpr std::uint32_t endless = UINT32_MAX;

std::uint32_t patience_of(Instant deadline, Instant now) {
  if (deadline == no_deadline) return endless;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now).count();
  return static_cast<std::uint32_t>(std::clamp<decltype(left)>(left, 0, endless - 1));
}

}  // namespace

void append_frame(Bytes& out, const Frame& frame, Instant now) {
  const std::size_t head = head_size(frame.type);
  const std::size_t announced = size_of(frame) - frame_header_size;
  if (announced > UINT32_MAX) throw std::length_error("a frame's payload is at most 4 GiB");
  std::array<std::byte, frame_header_size + patience_size> header{};
  wire::store_big_u32(header.data(), static_cast<std::uint32_t>(announced));
  header[4] = static_cast<std::byte>(frame.type);
  header[5] = static_cast<std::byte>(frame.flags);
  wire::store_big_u64(header.data() + 8, frame.request);
  if (head > frame_header_size) {
    wire::store_big_u32(header.data() + frame_header_size, patience_of(frame.deadline, now));
  }
  const std::size_t at = out.size();
  out.resize(at + head + frame.payload.size());
  std::memcpy(out.data() + at, header.data(), head);
  if (!frame.payload.empty()) std::memcpy(out.data() + at + head, frame.payload.data(), frame.payload.size());
}

void set_patience(std::span<std::byte> ask, Instant deadline, Instant now) {
  wire::store_big_u32(ask.data() + frame_header_size, patience_of(deadline, now));
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
    case FrameFault::no_patience:
      return "an ask that does not say how long it waits";
  }
  return "an unknown fault";
}

FrameStep read_frame(std::span<const std::byte> octets, std::size_t max_payload, Instant now) {
  FrameStep step;
  if (octets.size() < frame_header_size) {
    step.missing = frame_header_size - octets.size();
    return step;
  }
  const std::size_t payload = wire::load_big_u32(octets.data());
  const auto type = static_cast<std::uint8_t>(octets[4]);
  step.frame.type = static_cast<FrameType>(type);
  step.frame.flags = static_cast<std::uint8_t>(octets[5]);
  step.frame.request = wire::load_big_u64(octets.data() + 8);
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
  const std::size_t head = head_size(step.frame.type);
  step.frame.payload = octets.subspan(head, size - head);
  if (head > frame_header_size) {
    const std::uint32_t patience = wire::load_big_u32(octets.data() + frame_header_size);
    if (patience != endless) step.frame.deadline = now + std::chrono::milliseconds(patience);
  }
  return step;
}

}  // namespace troupe::transport
