#include <troupe/testing/detail/trust_token.hpp>

namespace troupe::testing::detail {

Task<Principal> trust_token(gateway::TokenClaims claims) {
  const auto user = parse_uuid(claims.subject);
  if (!user) co_return Rejected{"unauthenticated", "the token names no user"};
  co_return Principal::of_user(*user, claims.role);
}

}  // namespace troupe::testing::detail
