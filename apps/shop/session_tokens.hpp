#pragma once

#include <troupe/actor.hpp>
#include <troupe/gateway/token.hpp>

namespace shop {

/// Who bears a token: the user must still exist, and the session be of the current generation.
troupe::Task<troupe::Principal> authenticate(troupe::gateway::TokenClaims claims);

}  // namespace shop
