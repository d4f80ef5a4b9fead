#include <troupe/cli/status/node_request.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

http::Response answer(std::uint16_t status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("content-LENGTH", std::to_string(body.size()));
  response.body = std::move(body);
  return response;
}

http::Response problem(const std::string& detail) {
  auto response = answer(404, R"({"type":"urn:troupe:not_found","detail":")" + detail + "\"}");
  response.headers.add("Content-Type", "application/problem+json");
  return response;
}

TEST(NodeRequest, TakesTheBodyOfAnAnswer) {
  const auto result = to_node_answer(answer(200, "body"));
  EXPECT_EQ(result.body, "body");
  EXPECT_THAT(result.trouble, IsEmpty());
}

TEST(NodeRequest, SaysWhatIsWrongWithAnyOther) {
  using Kind = http::ClientFailure::Kind;
  const std::pair<http::ClientResult, const char*> results[] = {
      {answer(404, "body"), "it answered 404 Not Found"},
      {problem("it is not here"), "it answered 404 Not Found: it is not here"},
      {problem("\xff"), "it answered 404 Not Found"},
      {http::Response{200, {}, "body"}, "tells no length"},
      {http::ClientFailure{Kind::unreachable, "Connection refused"}, "it can't be reached: Connection refused"},
      {http::ClientFailure{Kind::closed, ""}, "without an answer"},
      {http::ClientFailure{Kind::cut_short, ""}, "broke off"},
      {http::ClientFailure{Kind::malformed, "bad version"}, "does not speak HTTP: bad version"},
      {http::ClientFailure{Kind::too_large, ""}, "without an end"},
      {http::ClientFailure{Kind::timeout, ""}, "does not answer within 3s"},
  };
  for (const auto& [given, trouble] : results) {
    const auto result = to_node_answer(given);
    EXPECT_THAT(result.trouble, HasSubstr(trouble));
    EXPECT_THAT(result.body, IsEmpty()) << trouble;
  }
}

}  // namespace
}  // namespace troupe::cli
