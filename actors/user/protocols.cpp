#include "actors/user/protocols.hpp"

#include <troupe/actor.hpp>
#include "actors/user/admins.hpp"
#include "actors/user/api.hpp"
#include "actors/user/email.hpp"

namespace shop::user {

std::vector<const troupe::ProtocolInfo*> protocols() {
  return {&troupe::protocol_info<Api>, &troupe::protocol_info<email::Api>, &troupe::protocol_info<admins::Api>};
}

}  // namespace shop::user
