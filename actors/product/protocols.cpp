#include "actors/product/protocols.hpp"

#include "actors/product/api.hpp"
#include "runtime/actor/letter.hpp"

namespace shop::product {

std::vector<const troupe::ProtocolInfo*> protocols() { return {&troupe::protocol_info<Api>}; }

}  // namespace shop::product
