#include <troupe/cli/status/health.hpp>

#include <gtest/gtest.h>

#include <string>

namespace troupe::cli {
namespace {

http::Response answer_of_health(std::uint16_t status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(HealthVerdict, TellsWhatIsDegradedOfANodeThatIsReady) {
  const auto ready = to_verdict(answer_of_health(
      200, R"({"status":"ok","checks":[{"name":"loop 0","status":"ok","detail":null}],"of_later_versions":1})"));
  EXPECT_EQ(ready.code, done);
  EXPECT_EQ(ready.line, "ready");
  const auto degraded = to_verdict(answer_of_health(
      200,
      R"({"status":"ok","checks":[{"name":"link orders","status":"degraded","detail":"Connection\nrefused"},
                                  {"name":"loop 1","status":"degraded"},{"name":"loop 0","status":"ok"}]})"));
  EXPECT_EQ(degraded.code, done);
  EXPECT_EQ(degraded.line, "ready, degraded: link orders: Connection refused; loop 1");
}

TEST(HealthVerdict, TellsWhatFailsOfANodeThatIsNot) {
  const auto verdict = to_verdict(answer_of_health(
      503, R"({"status":"failing","checks":[{"name":"node","status":"failing","detail":"it is starting"},
                                            {"name":"link orders","status":"degraded","detail":"down"}]})"));
  EXPECT_EQ(verdict.code, failed);
  EXPECT_EQ(verdict.line, "not ready: node: it is starting");
}

TEST(HealthVerdict, TakesNothingElseForANode) {
  const std::pair<http::ClientResult, const char*> results[] = {
      {answer_of_health(200, "{}"), "what answers there is no node: it says 200 OK"},
      {answer_of_health(200, "ready"), "what answers there is no node: it says 200 OK"},
      {answer_of_health(404, R"({"status":"ok","checks":[]})"), "what answers there is no node: it says 404 Not Found"},
      {http::ClientFailure{http::ClientFailure::Kind::unreachable, "Connection refused"},
       "it can't be reached: Connection refused"},
      {http::ClientFailure{http::ClientFailure::Kind::timeout, ""}, "it does not answer within 3s"},
  };
  for (const auto& [result, line] : results) {
    const auto verdict = to_verdict(result);
    EXPECT_EQ(verdict.code, failed) << line;
    EXPECT_EQ(verdict.line, line);
  }
}

}  // namespace
}  // namespace troupe::cli
