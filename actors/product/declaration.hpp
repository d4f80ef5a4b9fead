#pragma once

#include <troupe/actor.hpp>
#include "actors/product/product.hpp"

namespace shop::product {

/// The products: what there is to sell, and how much of it is free.
struct Declaration {
  using Entities = troupe::Entities<Product>;
  static void routes(troupe::gateway::Routes& r);
};

}  // namespace shop::product

// Compiled once, in declaration.cpp and product.cpp: every program of the shop names the domain.
extern template struct troupe::OutlineOf<shop::product::Declaration>;
extern template struct troupe::DomainOf<shop::product::Declaration>;
