#pragma once

#include <troupe/node/application.hpp>
#include "actors/order/declaration.hpp"
#include "actors/product/declaration.hpp"
#include "actors/user/declaration.hpp"

namespace shop {

/// The shop's domains, of which its programs have all, one, or only the routes.
using Domains = troupe::node::Domains<user::Declaration, product::Declaration, order::Declaration>;

}  // namespace shop
