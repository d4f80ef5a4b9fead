#pragma once

#include <troupe/topology/address.hpp>
#include <troupe/topology/fault.hpp>

#include <string>
#include <vector>

namespace troupe::topology::detail {

/// What a node listens on, and where the file says so.
struct Listener {
  Address address;  ///< where others reach it
  Address listens;  ///< with `bind`, another one
  Position at;
  std::string node;
  std::string key;  ///< link, admin or gateway
};

/// Addresses that two of them can't have at the same time.
void report_collisions(std::vector<Listener> listeners, Faults& faults);

}  // namespace troupe::topology::detail
