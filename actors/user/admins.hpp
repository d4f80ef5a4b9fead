#pragma once

#include <vector>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"
#include "actors/user/api.hpp"

/// Who the administrators are: one entity, which sees to it that there always is one.
///
/// An administrator who is to be removed leaves first, and is gone with the commit of that turn. A turn that fails
/// between leaves one who is counted as leaving though still there: the next who is refused for it makes this entity
/// ask, by a send. Each turn leaves under an identity of its own, so that no answer is taken for a later turn's.
namespace shop::user::admins {

struct Nominee {
  UserId id;
  bool appointed = false;  ///< there is an administrator: nobody need be made one
};

/// Names who is to be the first administrator, always the same until one is appointed. Reply: Nominee. Idempotent.
struct Nominate {
  using Is = troupe::Idempotent<Nominee>;
};

/// The user is an administrator. Reply: Done. Idempotent.
struct Join {
  using Is = troupe::Idempotent<>;
  UserId user;
};

struct LeaveResult {
  bool may_leave = false;
};

/// The administrator wants to go. Reply: LeaveResult. Idempotent.
struct Leave {
  using Is = troupe::Idempotent<LeaveResult>;
  UserId user;
  troupe::Uuid leaving;
};

/// The administrator has gone. Reply: Done. Idempotent.
struct Gone {
  using Is = troupe::Idempotent<>;
  UserId user;
};

/// The administrator still is there: the turn that was leaving has failed. Reply: Done. Idempotent.
struct Stay {
  using Is = troupe::Idempotent<>;
  UserId user;
  troupe::Uuid leaving;
};

using Api = troupe::Protocol<"admins", Nominate, Join, Leave, Gone, Stay>;

struct Member {
  UserId user;
  bool appointed = false;  ///< false: nominated, not yet created
  std::optional<troupe::Uuid> leaving;
};

struct State {
  std::vector<Member> members;
};

class Admins : public troupe::Entity<Api, State, troupe::Asks<user::Api, CheckLeaving>> {
 public:
  troupe::Task<Nominee> on(Nominate m);
  troupe::Task<troupe::Done> on(Join m);
  troupe::Task<LeaveResult> on(Leave m);
  troupe::Task<troupe::Done> on(Gone m);
  troupe::Task<troupe::Done> on(Stay m);
};

/// The one that there is.
inline troupe::Ref<Api> list() { return troupe::actor<Api>(troupe::Key("all")); }

}  // namespace shop::user::admins
