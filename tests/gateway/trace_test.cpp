#include <troupe/gateway/trace.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace troupe::gateway {
namespace {

constexpr std::string_view good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Traceparent, IsReadAndWritten) {
  const auto context = parse_traceparent(good);
  ASSERT_TRUE(context);
  EXPECT_EQ(to_hex(context->trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->parent_id[0], 0xb7);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(to_traceparent(*context), good);
}

TEST(Traceparent, OfALaterVersionMayCarryMore) {
  EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings"));
  EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
}

TEST(Traceparent, KeepsOnlyTheSampledFlag) {
  const auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe");
  ASSERT_TRUE(context);
  EXPECT_FALSE(context->sampled);
}

TEST(Traceparent, IsIgnoredWhenMalformed) {
  const std::vector<std::string_view> table{
      "",
      "00",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-012",
      "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
      " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
  };
  for (const std::string_view text : table) EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(RequestId, OfTheClientIsTakenWhenSane) {
  const std::array<std::uint8_t, 16> random{0x01, 0xab};
  EXPECT_EQ(request_id("req-1!~", random), "req-1!~");
  EXPECT_EQ(request_id(std::string(128, 'x'), random), std::string(128, 'x'));
  const std::string made = "01ab0000000000000000000000000000";
  EXPECT_EQ(request_id(std::nullopt, random), made);
  for (const std::string& bad : {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a\tb"),
                                 std::string("\xc3\xa9"), std::string("a\x7f")}) {
    EXPECT_EQ(request_id(bad, random), made) << bad;
  }
}

}  // namespace
}  // namespace troupe::gateway
