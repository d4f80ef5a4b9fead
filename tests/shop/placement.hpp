#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shop::testing {

/// One table of a topology's nodes: what it hosts, and on how many nodes.
struct PlacedGroup {
  std::string name;
  std::vector<std::string> hosts;
  unsigned size = 1;
};

/// How the shop is spread over processes.
using Placement = std::vector<PlacedGroup>;

/// Reads `gateway user | product | order*3`: nodes between bars, what they host between blanks; a star makes the node a
/// group of so many. Errors: throws std::invalid_argument.
Placement parse_placement(std::string_view text);

/// The placement that the variable TROUPE_PLACEMENT asks the whole suite to run in; none: all in one process.
Placement wanted_placement();

/// The tables of a topology's nodes, on ports chosen by the system, and the gateway's.
std::string tables_of(const Placement& placement);

}  // namespace shop::testing
