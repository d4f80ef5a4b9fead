#include "actors/user/sign_in.hpp"

#include <utility>

#include <troupe/actor.hpp>
#include "actors/user/email.hpp"

namespace shop::user {

troupe::Task<SignedIn> sign_in(SignIn credentials) {
  UserId user;  // nil: a user that never is, and takes as long to say so
  // What is no address may be no key either; the empty domain is one that nobody has.
  const std::string_view address = is_email(credentials.email) ? std::string_view(credentials.email) : "@";
  const auto owner = co_await troupe::actor<email::Api>(troupe::Key(email::normalized(address))).ask<email::Find>();
  if (owner.user) user = *owner.user;
  co_return co_await user.ask<SignIn>(std::move(credentials));
}

}  // namespace shop::user
