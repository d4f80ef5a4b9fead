#include "actors/order/protocols.hpp"

#include <troupe/actor.hpp>
#include "actors/order/api.hpp"
#include "actors/order/customer.hpp"
#include "actors/order/payment_api.hpp"
#include "actors/order/sandbox.hpp"
#include "actors/order/shipping.hpp"

namespace shop::order {

std::vector<const troupe::ProtocolInfo*> protocols() {
  return {&troupe::protocol_info<Api>, &troupe::protocol_info<payment::Api>, &troupe::protocol_info<sandbox::Api>,
          &troupe::protocol_info<shipping::Api>, &troupe::protocol_info<customer::Api>};
}

}  // namespace shop::order
