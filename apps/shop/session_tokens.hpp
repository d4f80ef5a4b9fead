#pragma once

#include <memory>

#include <troupe/gateway/token.hpp>
#include "actors/user/routes.hpp"

namespace shop {

/// Signs the tokens of new sessions.
user::IssueToken issue_with(std::shared_ptr<const troupe::gateway::TokenSigner> signer);

/// Who bears a token: the user must still exist, and the session be of the current generation.
troupe::Task<troupe::Principal> authenticate(troupe::gateway::TokenClaims claims);

}  // namespace shop
