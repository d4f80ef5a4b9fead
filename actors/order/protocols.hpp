#pragma once

#include <vector>

#include <troupe/actor.hpp>

namespace shop::order {

/// What the domain answers, for programs without its entities: the main protocol first, all in the order of the domain.
std::vector<const troupe::ProtocolInfo*> protocols();

}  // namespace shop::order
