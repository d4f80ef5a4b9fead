#pragma once

#include "runtime/gateway/routes.hpp"

namespace shop::order {

void routes(troupe::gateway::Routes& r);

}  // namespace shop::order
