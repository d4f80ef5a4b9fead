#pragma once

#include <troupe/gateway/routes.hpp>

namespace shop::order {

void routes(troupe::gateway::Routes& r);

}  // namespace shop::order
