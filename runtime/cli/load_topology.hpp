#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/node/application.hpp"
#include "runtime/topology/model.hpp"

namespace troupe::cli {

/// A variable of this process's environment.
std::optional<std::string> environment(std::string_view name);

/// The topology of `file`, with the settings that its domains read; the built-in one where `file` is empty. Faults are
/// printed to standard error, and then there is none.
std::optional<topology::Topology> load_topology(const node::Application& application, const std::string& file);

/// Whether this build can run the topology; what it cannot do is printed to standard error.
bool can_run(const topology::Topology& topology);

}  // namespace troupe::cli
