#include "actors/user/declaration.hpp"

template struct troupe::OutlineOf<shop::user::Declaration>;
