#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/node/application.hpp>

namespace troupe::testing {

/// One table of a topology's nodes: what it hosts, and on how many nodes.
struct PlacedGroup {
  std::string name;
  std::vector<std::string> hosts;
  unsigned size = 1;
};

/// How an application is spread over nodes.
using Placement = std::vector<PlacedGroup>;

/// Reads `gateway user | product | order*3`: nodes between bars, what they host between blanks; a star makes the node a
/// group of so many. Errors: throws std::invalid_argument.
Placement parse_placement(std::string_view text);

/// Where nodes listen: on ports that the system chooses, or, in a simulation, on numbers that nobody else has.
enum class Ports : std::uint8_t { of_the_system, numbered };

/// The tables of a topology's nodes, and the gateway's. A single node has no address for links.
std::string tables_of(const Placement& placement, Ports ports);

/// The placements in which an application must be the same, as texts: every partition of its domains over nodes beside
/// a gateway (with more than four domains: all on one node, each alone, all apart), each domain on a group of three,
/// and two gateways.
std::vector<std::string> all_placements(const node::Application& application);

}  // namespace troupe::testing
