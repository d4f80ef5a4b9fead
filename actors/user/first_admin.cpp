#include "actors/user/first_admin.hpp"

#include <utility>
#include <vector>

#include "actors/user/admins.hpp"
#include "runtime/actor/ref.hpp"
#include "runtime/wire/validate.hpp"

namespace shop::user {

namespace {

/// What keeps these from being credentials that somebody could sign in with; empty: nothing.
std::string faults_of(const CreateAdmin& credentials) {
  std::vector<troupe::Fault> faults;
  troupe::wire::validate(credentials, faults);
  std::string text;
  for (const auto& fault : faults) text += (text.empty() ? "" : "; ") + fault.pointer.substr(1) + ' ' + fault.detail;
  return text;
}

}  // namespace

troupe::Task<AdminCreated> ensure_first_admin(std::string email, std::string password) {
  const admins::Nominee nominee = co_await admins::list().ask<admins::Nominate>();
  if (nominee.appointed) co_return AdminCreated{nominee.id, false};
  CreateAdmin create{std::move(email), "Administrator", std::move(password)};
  // They come from no request whose rules anybody has checked.
  if (const std::string faults = faults_of(create); !faults.empty()) {
    co_return troupe::Rejected{"invalid", "the first administrator: " + faults};
  }
  co_return co_await troupe::actor<Api>(nominee.id).ask<CreateAdmin>(std::move(create));
}

troupe::Task<bool> has_admin() {
  const admins::Nominee nominee = co_await admins::list().ask<admins::Nominate>();
  co_return nominee.appointed;
}

}  // namespace shop::user
