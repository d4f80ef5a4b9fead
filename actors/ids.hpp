#pragma once

#include <troupe/actor.hpp>

/// The identities that domains share: each is the key of the entity it names, which is asked by it where the domain's
/// api.hpp is included: `co_await product.ask<product::Get>()`.
namespace shop {

namespace user {
struct Api;
}
namespace product {
struct Api;
}
namespace order {
struct Api;
}

using UserId = troupe::Id<"user", user::Api>;
using ProductId = troupe::Id<"product", product::Api>;
using OrderId = troupe::Id<"order", order::Api>;

}  // namespace shop
