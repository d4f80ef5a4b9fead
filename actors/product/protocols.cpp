#include "actors/product/protocols.hpp"

#include <troupe/contract/letter.hpp>
#include "actors/product/api.hpp"

namespace shop::product {

std::vector<const troupe::ProtocolInfo*> protocols() { return {&troupe::protocol_info<Api>}; }

}  // namespace shop::product
