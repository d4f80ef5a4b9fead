#include "actors/product/declaration.hpp"

template struct troupe::OutlineOf<shop::product::Declaration>;
