#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"

/// What others may see of users: who they are, and whether their sessions are good.
///
/// Every message about one user rejects `not_found` when there is none, unless it says otherwise. One that takes an
/// e-mail rejects `unavailable` while another's claim on it is not settled.
namespace shop::user {

enum class Role : std::uint8_t { customer, admin };

struct View {
  UserId id;
  std::string email;  ///< as it was given; unique without regard to ASCII case
  std::string name;
  Role role = Role::customer;
  troupe::Time created_at;
  troupe::Time updated_at;

  friend bool operator==(const View&, const View&) = default;
};

/// One `@` between a name and a domain whose labels are not empty; no spaces, no control characters.
/// Units: at most 254 bytes, so that it can be a key.
bool is_email(std::string_view text);

template <class M>
void check_profile(troupe::Checker<M>& c) {
  c.field(&M::email).length(1, 254).matches(&is_email, "an e-mail address");
  c.field(&M::name).length(1, 200);
  c.field(&M::password).bytes(8, 256);
}

/// Makes the customer that has this message's target as its key.
/// Reply: the user; also for a repetition with the same e-mail and name. Rejects: conflict (the e-mail is taken).
/// Keyed.
struct Create {
  using Is = troupe::Keyed<View>;
  static constexpr auto rejects = troupe::codes("conflict", "unavailable");
  std::string email;
  std::string name;
  troupe::Secret password;

  static void check(troupe::Checker<Create>& c) { check_profile(c); }
};

struct AdminCreated {
  UserId id;
  bool created = false;  ///< false: the administrator had been there
};

/// Makes the administrator that has this message's target as its key, or leaves an existing one as it is. No route
/// leads here: ensure_first_admin() does. Reply: AdminCreated. Rejects: conflict (the e-mail is taken). Keyed.
struct CreateAdmin {
  using Is = troupe::Keyed<AdminCreated>;
  static constexpr auto rejects = troupe::codes("conflict", "unavailable");
  std::string email;
  std::string name;
  troupe::Secret password;

  static void check(troupe::Checker<CreateAdmin>& c) { check_profile(c); }
};

/// Reply: the user. Read.
struct Get {
  using Is = troupe::Read<View>;
  static constexpr auto rejects = troupe::codes("not_found");
};

/// Replaces e-mail and name, and the password when there is one, which ends the sessions begun before.
/// Reply: the user. Rejects: conflict (the e-mail is taken). Keyed.
struct Update {
  using Is = troupe::Keyed<View>;
  static constexpr auto rejects = troupe::codes("not_found", "conflict", "unavailable");
  std::string email;
  std::string name;
  std::optional<troupe::Secret> password;

  static void check(troupe::Checker<Update>& c) { check_profile(c); }
};

/// The user is gone at once, and the e-mail free; the orders are cancelled soon after.
/// Reply: Done. Rejects: conflict (the last administrator). Keyed.
struct Remove {
  using Is = troupe::Keyed<>;
  static constexpr auto rejects = troupe::codes("not_found", "conflict");
};

struct SignedIn {
  View user;
  std::uint64_t generation = 0;  ///< of the sessions: a token carries it, Session compares it
};

/// Whether this user has this e-mail and password. It takes as long for a user that is none.
/// Reply: SignedIn. Rejects: unauthenticated. Read.
struct SignIn {
  using Is = troupe::Read<SignedIn>;
  static constexpr auto rejects = troupe::codes("unauthenticated");
  std::string email;
  troupe::Secret password;
};

struct SessionHolder {
  Role role = Role::customer;
};

/// Whether a session of this generation still is good. Reply: SessionHolder. Rejects: unauthenticated. Read.
struct Session {
  using Is = troupe::Read<SessionHolder>;
  static constexpr auto rejects = troupe::codes("unauthenticated");
  std::uint64_t generation = 0;
};

// The questions of this domain's other protocols, answered by a send: calls go one way.

/// The e-mail `email` asks whether `claim` on it holds. Reply: Done; answered with email::Confirm or email::Release.
struct CheckClaim {
  using Is = troupe::Idempotent<>;
  std::string email;
  troupe::Uuid claim;
};

/// The list of administrators asks whether this one still is there. Reply: Done; answered with admins::Stay, if at all.
struct CheckLeaving {
  using Is = troupe::Idempotent<>;
  troupe::Uuid leaving;
};

struct Api
    : troupe::Protocol<"user", Create, CreateAdmin, Get, Update, Remove, SignIn, Session, CheckClaim, CheckLeaving> {};

}  // namespace shop::user
