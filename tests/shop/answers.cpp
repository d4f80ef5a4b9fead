#include "tests/shop/answers.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <regex>

namespace shop::testing {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

bool is_text(const Json& problem, std::string_view field) {
  const auto* value = problem.as_object().if_contains(field);
  return value != nullptr && value->is_string() && !value->get_string().empty();
}

AssertionResult has_headers_of_status(const Answer& answer) {
  const auto challenge = answer.header("WWW-Authenticate");
  if (answer.status == 401 && !(challenge && challenge->starts_with("Bearer"))) {
    return AssertionFailure() << "401 without WWW-Authenticate: Bearer\n" << describe(answer);
  }
  if (answer.status == 405 && allowed_methods(answer).empty()) {
    return AssertionFailure() << "405 without Allow\n" << describe(answer);
  }
  if (answer.status == 429 || answer.status == 503) {
    const auto delay = answer.header("Retry-After");
    if (!delay || !std::regex_match(*delay, std::regex{"[1-9][0-9]*"})) {
      return AssertionFailure() << "no Retry-After of at least one whole second\n" << describe(answer);
    }
  }
  return AssertionSuccess();
}

AssertionResult has_faults(const Json& problem) {
  const auto* errors = problem.as_object().if_contains("errors");
  if (errors == nullptr || !errors->is_array() || errors->get_array().empty()) {
    return AssertionFailure() << "no errors in " << boost::json::serialize(problem);
  }
  for (const auto& error : errors->get_array()) {
    const auto shape = has_fields(error, {"pointer", "detail"});
    if (!shape) return shape;
    if (!error.at("pointer").is_string() || !is_text(error, "detail")) {
      return AssertionFailure() << "not texts: " << boost::json::serialize(error);
    }
  }
  return AssertionSuccess();
}

}  // namespace

AssertionResult has_status(const Answer& answer, int status) {
  if (answer.status != status) return AssertionFailure() << "expected " << status << ", got " << describe(answer);
  const auto id = answer.header("X-Request-Id");
  if (!id || id->empty()) return AssertionFailure() << "no X-Request-Id\n" << describe(answer);
  return AssertionSuccess();
}

AssertionResult is_problem(const Answer& answer, int status, std::string_view code) {
  if (const auto result = has_status(answer, status); !result) return result;
  if (!answer.header("Content-Type").value_or("").starts_with("application/problem+json")) {
    return AssertionFailure() << "not application/problem+json\n" << describe(answer);
  }
  const auto problem = answer.json();
  std::set<std::string> fields{"type", "title", "status", "detail", "trace_id"};
  if (code == "invalid" && problem.is_object() && problem.get_object().contains("errors")) fields.insert("errors");
  if (const auto result = has_fields(problem, fields); !result) return result;
  const std::string type = "urn:troupe:" + std::string{code};
  if (problem.at("type") != Json(type) || problem.at("status") != Json(status)) {
    return AssertionFailure() << "expected " << type << ", got " << describe(answer);
  }
  for (const auto* field : {"title", "detail", "trace_id"}) {
    if (!is_text(problem, field)) return AssertionFailure() << field << " is no text\n" << describe(answer);
  }
  return has_headers_of_status(answer);
}

AssertionResult is_invalid(const Answer& answer, const std::set<std::string>& pointers) {
  if (const auto result = is_problem(answer, 400, "invalid"); !result) return result;
  const auto problem = answer.json();
  if (const auto result = has_faults(problem); !result) return result;
  std::set<std::string> found;
  for (const auto& error : problem.at("errors").as_array()) found.emplace(error.at("pointer").as_string());
  if (found == pointers) return AssertionSuccess();
  auto failure = AssertionFailure() << "expected faults at";
  for (const auto& pointer : pointers) failure << " '" << pointer << "'";
  return failure << ", got " << describe(answer);
}

AssertionResult has_fields(const Json& object, const std::set<std::string>& fields) {
  std::set<std::string> found;
  if (object.is_object()) {
    for (const auto& member : object.get_object()) found.emplace(member.key());
  }
  if (found == fields) return AssertionSuccess();
  auto failure = AssertionFailure() << "expected the fields";
  for (const auto& field : fields) failure << ' ' << field;
  return failure << " in " << boost::json::serialize(object);
}

AssertionResult is_time(const Json& value) {
  static const std::regex form{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"};
  if (value.is_string() && std::regex_match(std::string{std::string_view{value.get_string()}}, form)) {
    return AssertionSuccess();
  }
  return AssertionFailure() << "not a time: " << boost::json::serialize(value);
}

std::set<std::string> allowed_methods(const Answer& answer) {
  std::set<std::string> methods;
  std::string method;
  for (const char letter : answer.header("Allow").value_or("") + ",") {
    if (letter != ',') {
      if (letter != ' ') method += letter;
    } else if (!method.empty()) {
      methods.insert(std::exchange(method, {}));
    }
  }
  return methods;
}

bool is_replay(const Answer& answer) { return answer.header("Idempotency-Replayed") == "true"; }

}  // namespace shop::testing
