#include <troupe/cli/http_get.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Duration limit = std::chrono::seconds(3);

http::Response answer(std::uint16_t status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("content-LENGTH", std::to_string(body.size()));
  response.body = std::move(body);
  return response;
}

TEST(HttpGet, TakesTheBodyOfAnAnswer) {
  const auto result = to_get_result(answer(200, "body"), limit);
  EXPECT_EQ(result.body, "body");
  EXPECT_THAT(result.trouble, IsEmpty());
}

TEST(HttpGet, SaysWhatIsWrongWithAnyOther) {
  using Kind = http::ClientFailure::Kind;
  const std::pair<http::ClientResult, const char*> results[] = {
      {answer(404, "body"), "it answered 404 Not Found"},
      {http::Response{200, {}, "body"}, "tells no length"},
      {http::ClientFailure{Kind::unreachable, "Connection refused"}, "it can't be reached: Connection refused"},
      {http::ClientFailure{Kind::closed, ""}, "without an answer"},
      {http::ClientFailure{Kind::cut_short, ""}, "broke off"},
      {http::ClientFailure{Kind::malformed, "bad version"}, "does not speak HTTP: bad version"},
      {http::ClientFailure{Kind::too_large, ""}, "without an end"},
      {http::ClientFailure{Kind::timeout, ""}, "does not answer within 3s"},
  };
  for (const auto& [given, trouble] : results) {
    const auto result = to_get_result(given, limit);
    EXPECT_THAT(result.trouble, HasSubstr(trouble));
    EXPECT_THAT(result.body, IsEmpty()) << trouble;
  }
}

}  // namespace
}  // namespace troupe::cli
