#include "actors/user/user.hpp"

#include <algorithm>
#include <utility>

#include "actors/user/declaration.hpp"
#include "actors/user/password.hpp"

namespace shop::user {

using namespace troupe;

namespace {

Rejected taken() { return {"conflict", "this e-mail is taken"}; }

/// One answer, whatever was wrong.
Rejected unauthenticated() { return {"unauthenticated", "e-mail or password is wrong"}; }

Ref<email::Api> address(std::string_view text) { return actor<email::Api>(Key(email::normalized(text))); }

bool same_address(std::string_view a, std::string_view b) { return email::normalized(a) == email::normalized(b); }

}  // namespace

Task<View> User::on(Create m) {
  if (exists()) {
    if (state().email == m.email && state().name == m.name) co_return view();
    co_return Rejected{"conflict", "this user exists already, with other content"};
  }
  co_await make(Role::customer, std::move(m.email), std::move(m.name), std::move(m.password));
  co_return view();
}

Task<AdminCreated> User::on(CreateAdmin m) {
  if (exists()) co_return AdminCreated{id(), false};
  co_await make(Role::admin, std::move(m.email), std::move(m.name), std::move(m.password));
  send<admins::Join>(admins::list(), id());
  co_return AdminCreated{id(), true};
}

Task<View> User::on(Get) const {
  if (!exists()) co_return not_found();
  co_return view();
}

Task<View> User::on(Update m) {
  if (!exists()) co_return not_found();
  const bool moves = !same_address(m.email, state().email);
  if (moves) co_await check_free(m.email);
  std::optional<std::string> hash;
  if (m.password) hash = co_await blocking(&hash_password, *std::move(m.password), new_id<Uuid>());
  const std::string old_email = state().email;
  const Uuid old_claim = state().claim;
  if (moves) {
    const Uuid new_claim = co_await claim(m.email);
    edit().claim = new_claim;
    send<email::Release>(address(old_email), old_claim);
  }
  State& s = edit();
  s.email = std::move(m.email);
  s.name = std::move(m.name);
  s.updated_at = std::max(now(), s.updated_at);
  if (hash) {
    s.password_hash = *std::move(hash);
    ++s.generation;
  }
  if (!moves) co_return view();
  co_await commit();
  // The send would free the old e-mail a little later; who hears the answer may take it at once.
  static_cast<void>(co_await address(old_email).try_ask<email::Release>(old_claim));
  co_return view();
}

Task<Done> User::on(Remove) {
  if (!exists()) co_return not_found();
  if (state().role == Role::admin) {
    const admins::LeaveResult left = co_await admins::list().ask<admins::Leave>(id(), new_id<Uuid>());
    if (!left.may_leave) co_return Rejected{"conflict", "the last administrator can't be removed"};
    send<admins::Gone>(admins::list(), id());
  }
  const std::string old_email = state().email;
  const Uuid old_claim = state().claim;
  erase();
  send<email::Release>(address(old_email), old_claim);
  send<order::customer::Leave>(actor<order::customer::Api>(id()));
  co_await commit();
  // As in an update: free at once, not only soon.
  static_cast<void>(co_await address(old_email).try_ask<email::Release>(old_claim));
  co_return Done{};
}

Task<SignedIn> User::on(SignIn m) const {
  std::optional<std::string> hash;
  if (exists() && same_address(m.email, state().email)) hash = state().password_hash;
  const bool matches = co_await blocking(&is_password, std::move(hash), std::move(m.password));
  if (!matches) co_return unauthenticated();
  co_return SignedIn{view(), state().generation};
}

Task<SessionHolder> User::on(Session m) const {
  if (!exists() || m.generation != state().generation) {
    co_return Rejected{"unauthenticated", "the session has ended"};
  }
  co_return SessionHolder{state().role};
}

Task<Done> User::on(CheckClaim m) {
  if (exists() && state().claim == m.claim) {
    send<email::Confirm>(address(m.email), m.claim);
  } else {
    send<email::Release>(address(m.email), m.claim);
  }
  co_return Done{};
}

Task<Done> User::on(CheckLeaving m) {
  if (exists()) send<admins::Stay>(admins::list(), id(), m.leaving);
  co_return Done{};
}

View User::view() const {
  const State& s = state();
  return {id(), s.email, s.name, s.role, s.created_at, s.updated_at};
}

Rejected User::not_found() const { return {"not_found", "there is no user " + key().to_string()}; }

Task<Done> User::make(Role role, std::string email, std::string name, Secret password) {
  co_await check_free(email);
  std::string hash = co_await blocking(&hash_password, std::move(password), new_id<Uuid>());
  const Uuid claimed = co_await claim(email);
  State& s = edit();
  s.email = std::move(email);
  s.claim = claimed;
  s.name = std::move(name);
  s.role = role;
  s.password_hash = std::move(hash);
  s.created_at = s.updated_at = now();
  co_return Done{};
}

Task<Done> User::check_free(std::string email) const {
  const email::Owner owner = co_await address(email).ask<email::Find>();
  if (owner.confirmed && owner.user != id()) co_return taken();
  co_return Done{};
}

Task<Uuid> User::claim(std::string email) {
  const Uuid claim = new_id<Uuid>();
  for (int attempt = 0; attempt < claim_attempts; ++attempt) {
    if (attempt > 0) co_await troupe::pause(claim_pause);
    const email::ClaimResult result = co_await address(email).ask<email::Claim>(id(), claim);
    if (result.standing == email::Standing::taken) co_return taken();
    if (result.standing == email::Standing::contested) continue;
    send<email::Confirm>(address(email), claim);
    co_return claim;
  }
  // Whether it is taken is not known: the answer must not be kept for repetitions of the request, as a no would be.
  co_return Rejected{"unavailable", "somebody else has just asked for this e-mail; try again in a moment"};
}

}  // namespace shop::user

template struct troupe::DomainOf<shop::user::Declaration>;
