#include "actors/order/declaration.hpp"

template struct troupe::OutlineOf<shop::order::Declaration>;
