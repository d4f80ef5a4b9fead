#pragma once

#include <troupe/gateway/routes.hpp>

namespace shop::wishlist {

void routes(troupe::gateway::Routes& r);

}  // namespace shop::wishlist
