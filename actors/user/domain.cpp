#include "actors/user/domain.hpp"

#include "actors/user/admins.hpp"
#include "actors/user/email.hpp"
#include "actors/user/user.hpp"

namespace shop::user {

troupe::Domain user_domain() {
  troupe::Domain domain("user");
  domain.entity<User>().entity<email::Email>().entity<admins::Admins>();
  return domain;
}

}  // namespace shop::user
