#pragma once

#include <vector>

#include <troupe/contract/message_info.hpp>

namespace shop::product {

/// What the domain answers, for programs without its entities: the main protocol first, all in the order of the domain.
std::vector<const troupe::ProtocolInfo*> protocols();

}  // namespace shop::product
