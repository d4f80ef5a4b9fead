#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <troupe/gateway/routes.hpp>
#include "actors/user/api.hpp"

namespace shop::user {

inline constexpr auto session_time = std::chrono::hours(12);

/// Makes the token of a session that begins at `from` and ends at `until`; the application signs it.
using IssueToken = std::function<std::string(const SignedIn& user, troupe::Time from, troupe::Time until)>;

struct OpenedSession {
  std::string token;
  troupe::Time expires_at;
  View user;
};

void routes(troupe::gateway::Routes& r, IssueToken issue);

}  // namespace shop::user
