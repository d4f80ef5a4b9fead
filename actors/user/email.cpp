#include "actors/user/email.hpp"

#include "actors/user/api.hpp"

namespace shop::user::email {

using namespace troupe;

Task<ClaimResult> Email::on(Claim m) {
  if (!exists() || state().user == m.user) {
    if (exists() && state().claim == m.claim) co_return ClaimResult{Standing::granted};
    // Also over a claim of the same user: the turn that made it has ended, or this one would not run.
    State claimed;
    claimed.user = m.user;
    claimed.claim = m.claim;
    edit() = claimed;
    co_return ClaimResult{Standing::granted};
  }
  if (state().confirmed) co_return ClaimResult{Standing::taken};
  if (!state().asked) {
    edit().asked = true;
    send<CheckClaim>(state().user, std::string(key().text()), state().claim);
  }
  co_return ClaimResult{Standing::contested};
}

Task<Done> Email::on(Confirm m) {
  if (exists() && state().claim == m.claim && !state().confirmed) edit().confirmed = true;
  co_return Done{};
}

Task<Done> Email::on(Release m) {
  if (exists() && state().claim == m.claim) erase();
  co_return Done{};
}

Task<Owner> Email::on(Find) const {
  Owner owner;
  if (exists()) {
    owner.user = state().user;
    owner.confirmed = state().confirmed;
  }
  co_return owner;
}

}  // namespace shop::user::email
