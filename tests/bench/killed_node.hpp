#pragma once

#include <vector>

#include "tests/bench/contenders.hpp"
#include "tests/bench/sample.hpp"

namespace troupe::bench {

/// The shop on three nodes under `up`; the one with the orders is ended by SIGKILL while products are read from
/// another. `again`: from the signal to the next order that is placed, its node's start included, the longest of three;
/// `others_failed`: reads of products that failed meanwhile; `others`: how many were answered.
std::vector<Sample> measure_killed_node(const Setup& setup);

}  // namespace troupe::bench
