#include "actors/user/first_admin.hpp"

#include <utility>

#include "actors/user/admins.hpp"
#include "runtime/actor/ref.hpp"

namespace shop::user {

troupe::Task<AdminCreated> ensure_first_admin(std::string email, std::string password) {
  const admins::Nominee nominee = co_await admins::list().ask<admins::Nominate>();
  if (nominee.appointed) co_return AdminCreated{nominee.id, false};
  co_return co_await troupe::actor<Api>(nominee.id)
      .ask<CreateAdmin>(std::move(email), std::string("Administrator"), std::move(password));
}

troupe::Task<bool> has_admin() {
  const admins::Nominee nominee = co_await admins::list().ask<admins::Nominate>();
  co_return nominee.appointed;
}

}  // namespace shop::user
