#pragma once

#include <troupe/actor.hpp>
#include <troupe/gateway/routes.hpp>

namespace shop::points {

struct Balance {
  std::int64_t points = 0;
};

struct Get {
  using Is = troupe::Read<Balance>;
};

struct Grant {
  using Is = troupe::Keyed<Balance>;
  static constexpr auto rejects = troupe::codes("conflict");
  std::int64_t points = 0;

  static void check(troupe::Checker<Grant>& c) { c.field(&Grant::points).range(-1000, 1000); }
};

struct Api : troupe::Protocol<"points", Get, Grant> {};

/// What a user has collected; the key is the user's id.
class Points : public troupe::Entity<Api, Balance> {
 public:
  troupe::Task<Balance> on(Get) const { co_return state(); }
  troupe::Task<Balance> on(Grant m) {
    if (state().points + m.points < 0) co_return troupe::Rejected{"conflict", "there are too few points"};
    edit().points += m.points;
    co_return state();
  }
};

struct Declaration {
  using Entities = troupe::Entities<Points>;
  static void routes(troupe::gateway::Routes& r) {
    r.get<Api, Get>("/users/{id}/points").self().says("Shows a user's points");
    r.post<Api, Grant>("/users/{id}/points").role("admin").says("Grants a user points, or takes some");
  }
};

}  // namespace shop::points
