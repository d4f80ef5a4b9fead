#include <troupe/gateway/detail/access.hpp>

#include <troupe/gateway/detail/field_text.hpp>

namespace troupe::gateway::detail {
namespace {

bool may_enter(const Access& access, const Principal& principal, const PathValues& path) {
  switch (access.kind) {
    case Access::Kind::anyone:
      return true;
    case Access::Kind::signed_in:
      return principal.kind == Principal::Kind::user;
    case Access::Kind::role:
      return principal.has_role(access.role);
    case Access::Kind::self_or: {
      if (!access.role.empty() && principal.has_role(access.role)) return true;
      const auto id = path.empty() ? std::nullopt : parse_uuid(path.front());
      return id && principal.is_user(*id);
    }
  }
  return false;
}

}  // namespace

std::optional<std::string_view> presented_token(const http::Headers& headers) {
  const auto field = headers.find("Authorization");
  if (!field) return std::nullopt;
  constexpr std::string_view scheme = "Bearer ";
  if (headers.count("Authorization") != 1 || field->size() <= scheme.size()) return "";
  if (!http::equal_ignoring_case(field->substr(0, scheme.size()), scheme)) return "";
  return trim(field->substr(scheme.size()));
}

std::optional<Rejected> refuse_access(const Access& access, const Principal& principal, const PathValues& path) {
  if (access.kind != Access::Kind::anyone && principal.kind != Principal::Kind::user) {
    return Rejected{"unauthenticated", "a token is required: Authorization: Bearer"};
  }
  if (!may_enter(access, principal, path)) return Rejected{"forbidden", "this is not yours to do"};
  return std::nullopt;
}

}  // namespace troupe::gateway::detail
