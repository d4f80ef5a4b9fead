#pragma once

#include <string>
#include <string_view>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"
#include "actors/user/api.hpp"

/// Who has an e-mail address. Keeps it unique: one entity for each address, whose key is its text in lower case.
///
/// A user claims an address in the turn that takes it, and confirms with that turn's commit. A turn that fails between
/// leaves a claim that nobody stands by: whoever comes next makes this entity ask the claimant, by a send, and waits.
/// Each turn claims under an identity of its own, so that no answer is taken for that of a later turn.
namespace shop::user::email {

enum class Standing : std::uint8_t {
  granted,
  contested,  ///< another has claimed it and not confirmed: ask again in a moment
  taken,
};

struct ClaimResult {
  Standing standing = Standing::granted;
};

/// Reply: ClaimResult. Idempotent.
struct Claim {
  using Is = troupe::Idempotent<ClaimResult>;
  UserId user;
  troupe::Uuid claim;
};

/// The user stands by the claim. Another claim's is ignored. Reply: Done. Idempotent.
struct Confirm {
  using Is = troupe::Idempotent<>;
  troupe::Uuid claim;
};

/// The user does not, or not any more, stand by the claim. Another claim's is ignored. Reply: Done. Idempotent.
struct Release {
  using Is = troupe::Idempotent<>;
  troupe::Uuid claim;
};

struct Owner {
  std::optional<UserId> user;  ///< who claimed or has it
  bool confirmed = false;
};

/// Reply: Owner. Read.
struct Find {
  using Is = troupe::Read<Owner>;
};

using Api = troupe::Protocol<"email", Claim, Confirm, Release, Find>;

/// The address as it is compared: without regard to ASCII case.
inline std::string normalized(std::string_view address) {
  std::string text(address);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

struct State {
  UserId user;
  troupe::Uuid claim;
  bool confirmed = false;
  bool asked = false;  ///< whether the claimant was asked to stand by the claim
};

class Email : public troupe::Entity<Api, State, troupe::Asks<user::Api, CheckClaim>> {
 public:
  troupe::Task<ClaimResult> on(Claim m);
  troupe::Task<troupe::Done> on(Confirm m);
  troupe::Task<troupe::Done> on(Release m);
  troupe::Task<Owner> on(Find m) const;
};

}  // namespace shop::user::email
