#include "apps/shop/session_tokens.hpp"

#include <chrono>

#include <troupe/actor.hpp>
#include <troupe/wire/enumerators.hpp>
#include "actors/user/api.hpp"

namespace shop {

namespace {

std::chrono::sys_seconds in_seconds(troupe::Time time) { return std::chrono::floor<std::chrono::seconds>(time); }

}  // namespace

user::IssueToken issue_with(std::shared_ptr<const troupe::gateway::TokenSigner> signer) {
  return [signer = std::move(signer)](const user::SignedIn& signed_in, troupe::Time from, troupe::Time until) {
    troupe::gateway::TokenClaims claims;
    claims.subject = to_text(signed_in.user.id);
    claims.role = troupe::wire::enum_name(signed_in.user.role);
    claims.issued_at = in_seconds(from);
    claims.expires_at = in_seconds(until);
    claims.generation = signed_in.generation;
    return signer->issue(claims);
  };
}

troupe::Task<troupe::Principal> authenticate(troupe::gateway::TokenClaims claims) {
  const auto id = troupe::parse_id<UserId>(claims.subject);
  if (!id) co_return troupe::Rejected{"unauthenticated", "the token names no user"};
  const auto holder = co_await troupe::actor<user::Api>(*id).ask<user::Session>(claims.generation);
  co_return troupe::Principal::of_user(id->value, std::string(troupe::wire::enum_name(holder.role)));
}

}  // namespace shop
