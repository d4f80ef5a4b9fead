#pragma once

#include <string>

#include <troupe/actor.hpp>
#include "actors/user/api.hpp"

namespace shop::user {

/// Sees to it that there is an administrator, for a start-up: makes the first with these credentials, and never touches
/// one that is there. Several nodes may run it at the same time. Errors: the rejections `conflict` when a customer has
/// the e-mail, and `invalid`, with every fault, where a user could not sign up with these credentials.
troupe::Task<AdminCreated> ensure_first_admin(std::string email, troupe::Secret password);

/// Whether somebody is an administrator.
troupe::Task<bool> has_admin();

}  // namespace shop::user
