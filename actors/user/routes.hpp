#pragma once

#include <chrono>
#include <string>

#include "actors/user/api.hpp"

namespace shop::user {

inline constexpr auto session_time = std::chrono::hours(12);

/// What `POST /sessions` answers.
struct OpenedSession {
  std::string token;
  troupe::Time expires_at;
  View user;
};

}  // namespace shop::user
