#include <troupe/gateway/problem.hpp>

#include <algorithm>
#include <stdexcept>

#include <troupe/wire/json.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::gateway {
namespace {

constexpr std::string_view internal_code = "internal";
constexpr std::string_view type_prefix = "urn:troupe:";

bool is_snake_case(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' && std::all_of(text.begin(), text.end(), fits);
}

/// A detail may quote a client's bytes; a document is UTF-8 all the same.
std::string as_utf8(std::string text) {
  if (wire::is_utf8(text)) return text;
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

std::vector<Fault> errors_of(const Problem& problem) {
  if (problem.errors.empty()) return {Fault{.pointer = "", .detail = as_utf8(problem.detail)}};
  std::vector<Fault> errors = problem.errors;
  for (Fault& error : errors) {
    error.pointer = as_utf8(std::move(error.pointer));
    error.detail = as_utf8(std::move(error.detail));
  }
  return errors;
}

std::string document_of(const ProblemKind& kind, const Problem& problem) {
  const std::string type = std::string(type_prefix) + kind.code;
  if (kind.code == "invalid") {
    const InvalidDocument document{.type = type,
                                   .title = kind.title,
                                   .status = kind.status,
                                   .detail = as_utf8(problem.detail),
                                   .trace_id = problem.trace_id,
                                   .errors = errors_of(problem)};
    return wire::to_json(document);
  }
  const bool is_internal = kind.code == internal_code;
  const ProblemDocument document{
      .type = type,
      .title = kind.title,
      .status = kind.status,
      .detail = is_internal ? "something is broken here; the trace id names this request" : as_utf8(problem.detail),
      .trace_id = problem.trace_id};
  return wire::to_json(document);
}

}  // namespace

ProblemKinds::ProblemKinds()
    : kinds_{{"invalid", 400, "The request is not valid"},
             {"unauthenticated", 401, "A valid token is required"},
             {"forbidden", 403, "Not allowed"},
             {"not_found", 404, "Not found"},
             {"method_not_allowed", 405, "Method not allowed"},
             {"request_timeout", 408, "The request did not arrive in time"},
             {"conflict", 409, "The request conflicts with the present state"},
             {"precondition_failed", 412, "The precondition does not hold"},
             {"too_large", 413, "The body is too large"},
             {"unsupported_media", 415, "Unsupported media type"},
             {"idempotency_conflict", 422, "The Idempotency-Key belongs to another request"},
             {"rate_limited", 429, "Too many requests"},
             {"header_too_large", 431, "The header is too large"},
             {"internal", 500, "Internal error"},
             {"unavailable", 503, "Unavailable; certainly not done"},
             {"overloaded", 503, "Too busy; certainly not done"},
             {"timeout", 504, "No answer in time; the outcome is unknown"}} {}

void ProblemKinds::add(ProblemKind kind) {
  if (!is_snake_case(kind.code)) throw std::invalid_argument("problem code '" + kind.code + "' is not snake_case");
  if (kind.status < 400 || kind.status > 599) {
    throw std::invalid_argument("problem '" + kind.code + "' has status " + std::to_string(kind.status) +
                                "; want 400 to 599");
  }
  if (const ProblemKind* known = find(kind.code)) {
    if (known->status == kind.status && known->title == kind.title) return;
    throw std::invalid_argument("problem '" + kind.code + "' is known as " + std::to_string(known->status) + " " +
                                known->title);
  }
  kinds_.push_back(std::move(kind));
}

const ProblemKind* ProblemKinds::find(std::string_view code) const {
  const auto found =
      std::find_if(kinds_.begin(), kinds_.end(), [&](const ProblemKind& kind) { return kind.code == code; });
  return found == kinds_.end() ? nullptr : &*found;
}

http::Response to_response(const ProblemKinds& kinds, const Problem& problem) {
  const ProblemKind* known = kinds.find(problem.code);
  const ProblemKind& kind = known ? *known : *kinds.find(internal_code);
  http::Response response;
  response.status = kind.status;
  response.headers.add("Content-Type", "application/problem+json");
  if (kind.status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if (kind.status == 429 || kind.status == 503) {
    response.headers.add("Retry-After", std::to_string(std::max<std::int64_t>(1, problem.retry_after.count())));
  }
  response.body = document_of(kind, problem);
  return response;
}

std::string_view code_of(http::RefusalCode code) {
  switch (code) {
    case http::RefusalCode::invalid:
      return "invalid";
    case http::RefusalCode::header_too_large:
      return "header_too_large";
    case http::RefusalCode::request_timeout:
      return "request_timeout";
    case http::RefusalCode::overloaded:
      return "overloaded";
    case http::RefusalCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace troupe::gateway
