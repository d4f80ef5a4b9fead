#pragma once

#include <troupe/actor/task.hpp>
#include <troupe/contract/principal.hpp>
#include <troupe/gateway/token.hpp>

namespace troupe::testing::detail {

/// An authenticator that asks nobody: the principal is the user whom the token names, whether or not there is one.
Task<Principal> trust_token(gateway::TokenClaims claims);

}  // namespace troupe::testing::detail
