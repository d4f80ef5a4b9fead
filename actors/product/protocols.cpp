#include "actors/product/protocols.hpp"

#include <troupe/actor.hpp>
#include "actors/product/api.hpp"

namespace shop::product {

std::vector<const troupe::ProtocolInfo*> protocols() { return {&troupe::protocol_info<Api>}; }

}  // namespace shop::product
