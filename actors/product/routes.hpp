#pragma once

#include <troupe/gateway/routes.hpp>

namespace shop::product {

void routes(troupe::gateway::Routes& r);

}  // namespace shop::product
