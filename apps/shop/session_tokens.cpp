#include "apps/shop/session_tokens.hpp"

#include <string>

#include <troupe/actor.hpp>
#include <troupe/wire/enumerators.hpp>
#include "actors/user/api.hpp"

namespace shop {

troupe::Task<troupe::Principal> authenticate(troupe::gateway::TokenClaims claims) {
  const auto id = troupe::parse_id<UserId>(claims.subject);
  if (!id) co_return troupe::Rejected{"unauthenticated", "the token names no user"};
  const auto holder = co_await id->ask<user::Session>(claims.generation);
  co_return troupe::Principal::of_user(id->value, std::string(troupe::wire::enum_name(holder.role)));
}

}  // namespace shop
