#pragma once

#include <troupe/actor.hpp>

namespace shop::product {

/// The products, ready to be taken in by an application.
troupe::Domain product_domain();

}  // namespace shop::product
