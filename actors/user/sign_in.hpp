#pragma once

#include <troupe/actor.hpp>
#include "actors/user/api.hpp"

namespace shop::user {

/// Finds the user by e-mail and lets them check the password. It does the same work for an e-mail that nobody has.
/// Errors: the rejection `unauthenticated`.
troupe::Task<SignedIn> sign_in(SignIn credentials);

}  // namespace shop::user
