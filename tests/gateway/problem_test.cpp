#include <troupe/gateway/problem.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

#include <troupe/engine/remote_entities.hpp>
#include <troupe/gateway/failure_problem.hpp>

namespace troupe::gateway {
namespace {

TEST(Problem, IsADocumentWithTypeTitleStatusDetailAndTrace) {
  const http::Response response =
      to_response(ProblemKinds(), {.code = "not_found", .detail = "no product \"p\"", .trace_id = "abc"});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.find("content-type"), "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"urn:troupe:not_found","title":"Not found","status":404,)"
                           R"("detail":"no product \"p\"","trace_id":"abc"})");
}

TEST(Problem, ListsTheFaultsOfInvalidInput) {
  const http::Response response =
      to_response(ProblemKinds(), {.code = "invalid",
                                   .detail = "1 fault",
                                   .trace_id = "abc",
                                   .errors = {{"/items/0/quantity", "must be at least 1"}}});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"type":"urn:troupe:invalid","title":"The request is not valid","status":400,"detail":"1 fault",)"
            R"("trace_id":"abc","errors":[{"pointer":"/items/0/quantity","detail":"must be at least 1"}]})");
}

TEST(Problem, BlamesTheWholeDocumentWhereNoPartIsNamed) {
  const http::Response response =
      to_response(ProblemKinds(), {.code = "invalid", .detail = "not JSON", .trace_id = ""});
  EXPECT_NE(response.body.find(R"("errors":[{"pointer":"","detail":"not JSON"}])"), std::string::npos);
}

TEST(Problem, HasTheStatusOfItsCode) {
  const std::vector<std::pair<std::string, int>> table{
      {"invalid", 400},
      {"unauthenticated", 401},
      {"forbidden", 403},
      {"not_found", 404},
      {"method_not_allowed", 405},
      {"request_timeout", 408},
      {"header_too_large", 431},
      {"conflict", 409},
      {"precondition_failed", 412},
      {"too_large", 413},
      {"unsupported_media", 415},
      {"idempotency_conflict", 422},
      {"rate_limited", 429},
      {"internal", 500},
      {"unavailable", 503},
      {"overloaded", 503},
      {"timeout", 504},
  };
  const ProblemKinds kinds;
  EXPECT_EQ(kinds.all().size(), table.size());
  for (const auto& [code, status] : table) {
    const http::Response response = to_response(kinds, {.code = code, .detail = "", .trace_id = ""});
    EXPECT_EQ(response.status, status) << code;
    EXPECT_NE(response.body.find("\"urn:troupe:" + code + "\""), std::string::npos) << code;
    EXPECT_EQ(response.headers.find("Retry-After").has_value(), status == 429 || status == 503) << code;
    EXPECT_EQ(response.headers.find("WWW-Authenticate").value_or(""), status == 401 ? "Bearer" : "") << code;
  }
}

TEST(Problem, TellsOfIncompatibleVersionsWithoutNamingWhatIsInside) {
  const std::string inside = "node core knows the protocol note by an incompatible schema: Write.text changed";
  const Problem problem =
      to_problem(Failure(Failure::Kind::not_executed, std::string(failure_code::incompatible), inside), "abc");
  EXPECT_EQ(problem.code, "unavailable");
  EXPECT_EQ(problem.detail, "parts of this service run versions that do not understand each other; nothing was done");
}

TEST(Problem, TellsWhatFailedInTheNodesBehindIt) {
  using Kind = Failure::Kind;
  const auto code = [](Kind kind, std::string_view of_failure) {
    return to_problem(Failure(kind, std::string(of_failure)), "").code;
  };
  EXPECT_EQ(code(Kind::not_executed, failure_code::unavailable), "unavailable");
  EXPECT_EQ(code(Kind::not_executed, failure_code::incompatible), "unavailable");
  EXPECT_EQ(code(Kind::not_executed, failure_code::overloaded), "overloaded");
  EXPECT_EQ(code(Kind::not_executed, failure_code::call_deadlock), "unavailable");
  EXPECT_EQ(code(Kind::not_executed, failure_code::too_large), "too_large");
  EXPECT_EQ(code(Kind::unknown, failure_code::too_large), "internal") << "a reply that no link takes is a bug";
  EXPECT_EQ(code(Kind::unknown, failure_code::timeout), "timeout");
}

TEST(Problem, TellsAtLeastOneSecondToWait) {
  using std::chrono::seconds;
  const auto retry_after = [](seconds wait) {
    const http::Response response = to_response(
        ProblemKinds(), {.code = "overloaded", .detail = "", .trace_id = "", .errors = {}, .retry_after = wait});
    return std::string(response.headers.find("Retry-After").value());
  };
  EXPECT_EQ(retry_after(seconds(0)), "1");
  EXPECT_EQ(retry_after(seconds(7)), "7");
}

TEST(Problem, TakesTheKindsOfAnApplication) {
  ProblemKinds kinds;
  kinds.add({"out_of_stock", 422, "Out of stock"});
  kinds.add({"out_of_stock", 422, "Out of stock"});  // two routes may name it
  EXPECT_EQ(to_response(kinds, {.code = "out_of_stock", .detail = "", .trace_id = ""}).status, 422);
  EXPECT_THROW(kinds.add({"out_of_stock", 409, "Out of stock"}), std::invalid_argument);
  EXPECT_THROW(kinds.add({"invalid", 422, "Invalid"}), std::invalid_argument);
  EXPECT_THROW(kinds.add({"Bad-Code", 422, "Bad"}), std::invalid_argument);
  EXPECT_THROW(kinds.add({"fine", 200, "Fine"}), std::invalid_argument);
}

TEST(Problem, IsInternalWhenItsCodeIsUnknown) {
  const http::Response response =
      to_response(ProblemKinds(), {.code = "surprise", .detail = "secret inside", .trace_id = ""});
  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("urn:troupe:internal"), std::string::npos);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST(Problem, StaysUtf8WhateverItQuotes) {
  const http::Response response =
      to_response(ProblemKinds(),
                  {.code = "invalid", .detail = "got \xff", .trace_id = "", .errors = {{"?\xc3", "bad \xed\xa0\x80"}}});
  EXPECT_NE(response.body.find("\"got ?\""), std::string::npos);
  EXPECT_NE(response.body.find("\"bad ???\""), std::string::npos);
}

TEST(Problem, NamesTheCodeOfEveryRefusal) {
  const ProblemKinds kinds;
  for (const auto code :
       {http::RefusalCode::invalid, http::RefusalCode::header_too_large, http::RefusalCode::request_timeout,
        http::RefusalCode::overloaded, http::RefusalCode::internal}) {
    EXPECT_NE(kinds.find(code_of(code)), nullptr) << code_of(code);
  }
}

}  // namespace
}  // namespace troupe::gateway
