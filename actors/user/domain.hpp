#pragma once

#include <troupe/actor.hpp>

namespace shop::user {

/// The users, with what keeps their e-mails unique and their administrators from running out.
troupe::Domain user_domain();

}  // namespace shop::user
