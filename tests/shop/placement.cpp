#include "tests/shop/placement.hpp"

#include <cstdlib>

namespace shop::testing {

Placement wanted_placement() {
  const char* text = std::getenv("TROUPE_PLACEMENT");
  return text && *text ? parse_placement(text) : Placement{};
}

}  // namespace shop::testing
