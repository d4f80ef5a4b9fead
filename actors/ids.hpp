#pragma once

#include <troupe/actor.hpp>

/// The identities that domains share: each is the key of the entity it names.
namespace shop {

using UserId = troupe::Id<"user">;
using ProductId = troupe::Id<"product">;
using OrderId = troupe::Id<"order">;

}  // namespace shop
