#pragma once

#include <memory>

#include <troupe/actor.hpp>
#include <troupe/node/application.hpp>

namespace shop {

/// Sees to it that the shop has an administrator: from SHOP_ADMIN_EMAIL and SHOP_ADMIN_PASSWORD, or, where only this
/// machine can reach the gateway, with a made-up password that is printed once, with three lines that place an order.
/// Errors: the rejection `invalid` names the variables that are wrong.
troupe::Task<troupe::Done> see_to_first_admin(std::shared_ptr<const troupe::node::Services> services);

}  // namespace shop
