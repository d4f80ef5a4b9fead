#pragma once

#include <troupe/testing/placement.hpp>

namespace shop::testing {

/// How the shop is spread over processes.
using troupe::testing::parse_placement;
using troupe::testing::Placement;

/// The placement that the variable TROUPE_PLACEMENT asks the whole suite to run in; none: all in one process.
Placement wanted_placement();

}  // namespace shop::testing
