#include <troupe/gateway/detail/content.hpp>

#include <troupe/gateway/detail/field_text.hpp>

namespace troupe::gateway::detail {
namespace {

/// `application/json`, at most with `charset=utf-8`; not compressed or otherwise encoded.
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

}  // namespace

std::optional<Rejected> refuse_content(const Route& route, const http::Request& request) {
  if (request.body_state == http::BodyState::too_large) {
    return Rejected{"too_large", "the body is over the limit"};
  }
  if (route.takes_body() && !request.body.empty() && !is_json(request.headers)) {
    return Rejected{"unsupported_media", "the body must be application/json, without an encoding"};
  }
  return std::nullopt;
}

}  // namespace troupe::gateway::detail
