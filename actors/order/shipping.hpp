#pragma once

#include <string>

#include <troupe/actor.hpp>
#include "actors/ids.hpp"

/// What a carrier was handed: the entity "shipping" has the order's id as its key.
namespace shop::order::shipping {

struct Parcel {
  std::string carrier;
  std::string tracking;
  troupe::Time handed_over_at;

  friend bool operator==(const Parcel&, const Parcel&) = default;
};

/// Hands the order over. Reply: Done. Rejects: conflict (it went with another carrier or number). Idempotent.
struct Dispatch {
  using Is = troupe::Idempotent<>;
  std::string carrier;
  std::string tracking;
};

/// Reply: the parcel. Rejects: not_found. Read.
struct Get {
  using Is = troupe::Read<Parcel>;
};

using Api = troupe::Protocol<"shipping", Dispatch, Get>;

class Shipping : public troupe::Entity<Api, Parcel> {
 public:
  troupe::Task<troupe::Done> on(Dispatch m);
  troupe::Task<Parcel> on(Get) const;
};

}  // namespace shop::order::shipping
