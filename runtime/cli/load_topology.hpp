#pragma once

#include <optional>
#include <string>
#include <vector>

#include <troupe/node/application.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::cli {

/// The topology of `files`, later ones over earlier ones, with the settings that its domains read; the built-in one
/// where there are none. Faults are printed to standard error, and then there is none.
std::optional<topology::Topology> load_topology(const node::Application& application,
                                                const std::vector<std::string>& files);

/// Whether this build can run the topology; what it cannot do is printed to standard error.
bool can_run(const topology::Topology& topology);

}  // namespace troupe::cli
