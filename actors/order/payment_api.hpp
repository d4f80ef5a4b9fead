#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"
#include "actors/money.hpp"

/// The money of one order: the entity "payment" has the order's id as its key. Only orders ask it.
namespace shop::order::payment {

enum class MovementKind : std::uint8_t { charge, refund };

/// Money that a provider did move.
struct Movement {
  troupe::Uuid operation;
  MovementKind kind = MovementKind::charge;
  Money amount;
  troupe::Time at;

  friend bool operator==(const Movement&, const Movement&) = default;
};

/// What became of a charge. `not_charged` is a promise: that operation never will be charged, either.
enum class Verdict : std::uint8_t { charged, not_charged, pending };

struct Resolved {
  Verdict verdict = Verdict::pending;
};

/// Takes the money, once for each operation, and only one at a time.
/// Reply: Resolved, charged or (the provider does not answer) pending; for a repetition what became of the first, which
/// may be not_charged. Rejects: payment_declined, conflict (another operation has charged). Idempotent.
struct Charge {
  using Is = troupe::Idempotent<Resolved>;
  troupe::Uuid operation;
  Money amount;
  troupe::Secret card;
};

/// What became of a charge whose answer was lost. Asking gives up one that has not come to the provider. Idempotent.
struct Resolve {
  using Is = troupe::Idempotent<Resolved>;
  troupe::Uuid operation;
};

/// Gives back what was charged, if anything was. Reply: Done, when it is given back. Idempotent.
struct Refund {
  using Is = troupe::Idempotent<>;
};

struct Movements {
  std::vector<Movement> items;  ///< oldest first
};

/// What the provider really did. Reply: Movements. Read.
struct List {
  using Is = troupe::Read<Movements>;
};

using Api = troupe::Protocol<"payment", Charge, Resolve, Refund, List>;

}  // namespace shop::order::payment
