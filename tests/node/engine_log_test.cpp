#include <troupe/node/detail/engine_log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::node {
namespace crash_log {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StackAllowance, IsSomeAtOnceThenOneInASecond) {
  StackAllowance allowance;
  Instant now{1h};
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += allowance.take(now) ? 1 : 0;
  EXPECT_EQ(taken, StackAllowance::burst);
  EXPECT_FALSE(allowance.take(now + 900ms));
  EXPECT_TRUE(allowance.take(now + 1s));
  EXPECT_FALSE(allowance.take(now + 1s));
  for (taken = 0; allowance.take(now + 1h);) ++taken;
  EXPECT_EQ(taken, StackAllowance::burst) << "it has come back";
}

TEST(EngineLog, TellsOfACrashWithItsStackAsLongAsTheyAreFew) {
  std::vector<std::string> lines;
  EngineLog log(observe::Log::immediate([&](std::string_view line) { lines.emplace_back(line); },
                                        {.node = "main", .clock = [] { return Time{}; }}),
                "shop", nullptr);
  const Key key("7");
  const std::array<std::uintptr_t, 2> stack{0x10, 0x20};
  const engine::CrashReport report{.protocol = "lamp",
                                   .key = key,
                                   .message = "Light",
                                   .what = "it went out",
                                   .trace = "00-1",
                                   .crashes = 3,
                                   .stack = stack};
  for (int i = 0; i < 30; ++i) log.crashed(report);
  EXPECT_THAT(lines.front(), HasSubstr(R"("stack":"0x10 < 0x20","protocol":"lamp","key":"7","message":"Light")"
                                       R"(,"what":"it went out","trace_id":"00-1","crashes":3)"));
  EXPECT_THAT(lines.back(), HasSubstr(R"("stack":"left out: there are too many crashes")"));
  log.crashed({.protocol = "lamp", .key = key, .message = "Light", .what = "it went out", .trace = ""});
  EXPECT_THAT(lines.back(), Not(HasSubstr("stack"))) << "where it is not known";
}

}  // namespace crash_log
}  // namespace troupe::node
