#pragma once

#include <troupe/actor.hpp>
#include "actors/order/api.hpp"
#include "actors/user/admins.hpp"
#include "actors/user/api.hpp"
#include "actors/user/email.hpp"

namespace shop::user {

struct State {
  std::string email;
  troupe::Uuid claim;  ///< under which the user has the e-mail
  std::string name;
  Role role = Role::customer;
  std::string password_hash;
  std::uint64_t generation = 0;  ///< of the sessions: a new password begins another
  troupe::Time created_at;
  troupe::Time updated_at;
};

/// A user: who they are, and what they sign in with.
class User : public troupe::Entity<Api, State, troupe::Asks<email::Api>,
                                   troupe::Asks<admins::Api, admins::Join, admins::Leave, admins::Gone, admins::Stay>,
                                   troupe::Asks<order::customer::Api, order::customer::Leave>> {
 public:
  /// How long, and how often, a user waits for an e-mail that another has claimed and not confirmed.
  static constexpr auto claim_pause = std::chrono::milliseconds(50);
  static constexpr int claim_attempts = 40;

  troupe::Task<View> on(Create m);
  troupe::Task<AdminCreated> on(CreateAdmin m);
  troupe::Task<View> on(Get m) const;
  troupe::Task<View> on(Update m);
  troupe::Task<troupe::Done> on(Remove m);
  troupe::Task<SignedIn> on(SignIn m) const;
  troupe::Task<SessionHolder> on(Session m) const;
  troupe::Task<troupe::Done> on(CheckClaim m);
  troupe::Task<troupe::Done> on(CheckLeaving m);

 private:
  UserId id() const { return {key().id()}; }
  View view() const;
  troupe::Rejected not_found() const;

  /// Fills a user that is not yet: its e-mail is claimed, and confirmed with the commit.
  troupe::Task<troupe::Done> make(Role role, std::string email, std::string name, troupe::Secret password);
  /// Refuses an e-mail that another has. Changes nothing.
  troupe::Task<troupe::Done> check_free(std::string email) const;
  /// Yields the claim under which the e-mail is this user's, once this turn has committed.
  troupe::Task<troupe::Uuid> claim(std::string email);
};

}  // namespace shop::user
