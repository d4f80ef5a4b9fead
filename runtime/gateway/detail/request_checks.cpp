#include <troupe/gateway/detail/request_checks.hpp>

#include <algorithm>

#include <troupe/wire/etag.hpp>

namespace troupe::gateway::detail {
namespace {

constexpr std::size_t max_key_characters = 255;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= max_key_characters &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// All fields of that name as one list.
std::string joined(const http::Headers& headers, std::string_view name) {
  std::string list;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers[i];
    if (!http::equal_ignoring_case(field.name, name)) continue;
    if (!list.empty()) list += ", ";
    list += field.value;
  }
  return list;
}

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

bool is_allowed(std::string_view origin, const std::vector<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& a) { return a == "*" || a == origin; });
}

}  // namespace

PresentedToken presented_token(const http::Headers& headers) {
  const auto field = headers.find("Authorization");
  if (!field) return {};
  PresentedToken token{.presented = true, .text = {}};
  constexpr std::string_view scheme = "Bearer ";
  if (headers.count("Authorization") != 1 || field->size() <= scheme.size()) return token;
  if (!http::equal_ignoring_case(field->substr(0, scheme.size()), scheme)) return token;
  token.text = trim(field->substr(scheme.size()));
  return token;
}

bool may_enter(const Access& access, const Principal& principal, const PathValues& path) {
  switch (access.kind) {
    case Access::Kind::anyone:
      return true;
    case Access::Kind::signed_in:
      return principal.kind == Principal::Kind::user;
    case Access::Kind::role:
      return principal.has_role(access.role);
    case Access::Kind::self_or: {
      if (principal.has_role(access.role)) return true;
      const auto id = path.empty() ? std::nullopt : parse_uuid(path.front());
      return id && principal.is_user(*id);
    }
  }
  return false;
}

bool is_json(const http::Headers& headers) {
  const auto encoding = headers.find("Content-Encoding");
  if (encoding && !http::equal_ignoring_case(*encoding, "identity")) return false;
  const auto field = headers.find("Content-Type");
  if (!field || headers.count("Content-Type") != 1) return false;
  if (*field == "application/json") return true;
  const auto semicolon = field->find(';');
  if (!http::equal_ignoring_case(trim(field->substr(0, semicolon)), "application/json")) return false;
  if (semicolon == std::string_view::npos) return true;
  std::string_view parameter = trim(field->substr(semicolon + 1));
  if (parameter.empty()) return true;
  constexpr std::string_view name = "charset=";
  if (parameter.size() <= name.size() || !http::equal_ignoring_case(parameter.substr(0, name.size()), name))
    return false;
  parameter.remove_prefix(name.size());
  if (parameter.size() > 2 && parameter.front() == '"' && parameter.back() == '"') {
    parameter = parameter.substr(1, parameter.size() - 2);
  }
  return http::equal_ignoring_case(parameter, "utf-8");
}

std::vector<Fault> header_faults(const Route& route, const http::Headers& headers) {
  std::vector<Fault> faults;
  if (route.idempotency_key == Route::IdempotencyKey::honoured) {
    const auto key = headers.find("Idempotency-Key");
    if (key && (headers.count("Idempotency-Key") != 1 || !is_idempotency_key(*key))) {
      faults.push_back({"", "Idempotency-Key must be one value of 1 to 255 visible characters"});
    }
  }
  if (route.etag == Route::Tag::strong && headers.find("If-None-Match") &&
      !parse_entity_tags(joined(headers, "If-None-Match"))) {
    faults.push_back({"", "If-None-Match must be * or a list of entity tags in quotes"});
  }
  return faults;
}

void tag(http::Response& response, const std::string& etag, const http::Headers& request) {
  response.headers.add("ETag", etag);
  if (!request.find("If-None-Match")) return;
  const auto known = parse_entity_tags(joined(request, "If-None-Match"));
  if (!known) return;
  const bool matches = std::any_of(known->begin(), known->end(),
                                   [&](const std::string& one) { return one == "*" || without_weakness(one) == etag; });
  if (!matches) return;
  response.status = 304;
  response.body.clear();
}

void answer_preflight(http::Response& response, const http::Headers& request,
                      const std::vector<std::string>& allowed_origins) {
  const auto origin = request.find("Origin");
  const auto method = request.find("Access-Control-Request-Method");
  if (!origin || !method || !is_allowed(*origin, allowed_origins)) return;
  const auto allowed = response.headers.find("Allow");
  response.headers.add("Access-Control-Allow-Methods", std::string(allowed.value_or("")));
  response.headers.add("Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, "
                       "traceparent");
  response.headers.add("Access-Control-Max-Age", "600");
}

void allow_origin(http::Response& response, const http::Headers& request,
                  const std::vector<std::string>& allowed_origins) {
  response.headers.add("Vary", "Origin");
  const auto origin = request.find("Origin");
  if (!origin || !is_allowed(*origin, allowed_origins)) return;
  response.headers.add("Access-Control-Allow-Origin", *origin);
  response.headers.add("Access-Control-Expose-Headers",
                       "ETag, Location, Retry-After, Idempotency-Replayed, X-Request-Id");
}

}  // namespace troupe::gateway::detail
