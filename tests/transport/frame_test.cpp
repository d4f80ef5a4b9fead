#include <troupe/transport/frame.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <initializer_list>
#include <string>

namespace troupe::transport {
namespace {

using State = FrameStep::State;

Bytes octets(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

struct Good {
  const char* name;
  Bytes octets;
  FrameType type;
  std::uint8_t flags;
  std::uint64_t request;
  std::size_t payload;
};

TEST(Frame, ReadsAndWritesTheOctetsOfTheSpecification) {
  const Good table[] = {
      {"an ask", octets({0, 0, 0, 6, 16, 5, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 2, 0xaa, 0xbb}), FrameType::ask, 5,
       0x0102030405060708, 2},
      {"an ask that waits for ever", octets({0, 0, 0, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255}),
       FrameType::ask, 0, 1, 0},
      {"an empty reply", octets({0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}), FrameType::reply, 0, 9, 0},
      {"credit", octets({0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}), FrameType::credit, 0, 256, 0},
      {"the last goodbye", octets({0, 0, 0, 0, 35, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameType::goodbye, 1, 0, 0},
  };
  for (const Good& row : table) {
    const FrameStep step = read_frame(row.octets, 1024);
    ASSERT_EQ(step.state, State::complete) << row.name;
    EXPECT_EQ(step.size, row.octets.size()) << row.name;
    EXPECT_EQ(step.frame.type, row.type) << row.name;
    EXPECT_EQ(step.frame.flags, row.flags) << row.name;
    EXPECT_EQ(step.frame.request, row.request) << row.name;
    EXPECT_EQ(step.frame.payload.size(), row.payload) << row.name;
    Bytes written;
    append_frame(written, step.frame);
    EXPECT_EQ(written, row.octets) << row.name;
  }
}

TEST(Frame, RefusesWhatBreaksTheRulesFromItsHeaderAlone) {
  struct Bad {
    Bytes octets;
    FrameFault fault;
  };
  const Bad table[] = {
      {octets({0, 0, 4, 1, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::too_large},
      {octets({0xff, 0xff, 0xff, 0xff, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::too_large},
      {octets({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::unknown_type},
      {octets({0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::unknown_type},
      {octets({0, 0, 0, 0, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::unknown_type},
      {octets({0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::unknown_type},
      {octets({0, 0, 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::reserved_not_zero},
      {octets({0, 0, 0, 0, 16, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::reserved_not_zero},
      {octets({0, 0, 0, 3, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::no_patience},
      {octets({0, 0, 0, 1, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::unexpected_payload},
      {octets({0, 0, 0, 0, 33, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::bad_flags},
      {octets({0, 0, 0, 0, 35, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::bad_flags},
      {octets({0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), FrameFault::bad_flags},
  };
  for (const Bad& row : table) {
    const FrameStep step = read_frame(row.octets, 1024);
    EXPECT_EQ(step.state, State::refused) << to_text(row.fault);
    EXPECT_STREQ(to_text(step.fault), to_text(row.fault));
  }
}

TEST(Frame, SaysHowMuchIsMissing) {
  const Bytes whole = octets({0, 0, 0, 2, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 7});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const FrameStep step = read_frame(std::span(whole).first(size), 1024);
    EXPECT_EQ(step.state, State::partial);
    EXPECT_EQ(step.missing, size < frame_header_size ? frame_header_size - size : whole.size() - size);
  }
}

TEST(Frame, CarriesWhatIsLeftUntilTheDeadlineOfAnAsk) {
  using std::chrono::milliseconds;
  const Instant now{std::chrono::hours(5)};
  const Instant there{std::chrono::hours(70)};  // another machine counts from elsewhere
  const auto left = [&](Instant deadline) {
    Bytes out;
    append_frame(out, {FrameType::ask, 0, 1, {}, deadline}, now);
    return read_frame(out, 1024, there).frame.deadline - there;
  };
  EXPECT_EQ(left(now + milliseconds(1500)), milliseconds(1500));
  EXPECT_EQ(left(now), milliseconds(0));
  EXPECT_EQ(left(now - milliseconds(3)), milliseconds(0)) << "it may wait no more, not nearly for ever";
  EXPECT_EQ(left(now + std::chrono::hours(24 * 365)), milliseconds(UINT32_MAX - 1));
  Bytes later;
  append_frame(later, {FrameType::ask, 0, 1, {}, now + milliseconds(1500)}, now);
  set_patience(later, now + milliseconds(1500), now + milliseconds(1100));
  EXPECT_EQ(read_frame(later, 1024, there).frame.deadline - there, milliseconds(400));
}

TEST(Frame, SurvivesTheRoundTripOfAnything) {
  EXPECT_TRUE(rc::check([](std::uint64_t request, std::uint8_t flags, const std::string& payload) {
    const auto type = *rc::gen::element(FrameType::ask, FrameType::reply, FrameType::failure, FrameType::cancel);
    Bytes out = octets({1, 2, 3});
    append_frame(out, {type, flags, request, std::as_bytes(std::span(payload))});
    const FrameStep step = read_frame(std::span(out).subspan(3), 1 << 20);
    RC_ASSERT(step.state == State::complete);
    RC_ASSERT(step.frame.type == type && step.frame.flags == flags && step.frame.request == request);
    const auto read = step.frame.payload;
    RC_ASSERT(std::string(reinterpret_cast<const char*>(read.data()), read.size()) == payload);
  }));
}

TEST(Frame, ReadsAnyOctetsWithoutHarm) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const FrameStep step = read_frame(std::as_bytes(std::span(text)), 64);
    RC_ASSERT(step.state != State::complete || step.size <= text.size());
    RC_ASSERT(step.state != State::partial || step.missing <= frame_header_size + 64);
  }));
}

}  // namespace
}  // namespace troupe::transport
