#pragma once

#include <troupe/actor.hpp>
#include "actors/user/admins.hpp"
#include "actors/user/email.hpp"
#include "actors/user/user.hpp"

namespace shop::user {

/// The users, with what keeps their e-mails unique and their administrators from running out.
struct Declaration {
  using Entities = troupe::Entities<User, email::Email, admins::Admins>;
  static void routes(troupe::gateway::Routes& r);
};

}  // namespace shop::user

// Compiled once, in declaration.cpp and user.cpp: every program of the shop names the domain.
extern template struct troupe::OutlineOf<shop::user::Declaration>;
extern template struct troupe::DomainOf<shop::user::Declaration>;
