#include "actors/user/first_admin.hpp"

#include <utility>
#include <vector>

#include <troupe/actor.hpp>
#include <troupe/wire/validate.hpp>
#include "actors/user/admins.hpp"

namespace shop::user {

troupe::Task<AdminCreated> ensure_first_admin(std::string email, troupe::Secret password) {
  const admins::Nominee nominee = co_await admins::list().ask<admins::Nominate>();
  if (nominee.appointed) co_return AdminCreated{nominee.id, false};
  CreateAdmin create{std::move(email), "Administrator", std::move(password)};
  std::vector<troupe::Fault> faults;
  troupe::wire::validate(create, faults);
  if (!faults.empty()) {
    co_return troupe::Rejected{"invalid", "nobody can sign in with these credentials", std::move(faults)};
  }
  co_return co_await nominee.id.ask<CreateAdmin>(std::move(create));
}

troupe::Task<bool> has_admin() {
  const admins::Nominee nominee = co_await admins::list().ask<admins::Nominate>();
  co_return nominee.appointed;
}

}  // namespace shop::user
