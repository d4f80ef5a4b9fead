#include <troupe/cli/load_topology.hpp>

#include <iostream>
#include <utility>

#include <troupe/cli/environment.hpp>
#include <troupe/topology/loader.hpp>

namespace troupe::cli {

std::optional<topology::Topology> load_topology(const node::Application& application,
                                                const std::vector<std::string>& files) {
  const auto catalog = application.catalog();
  if (files.empty()) return topology::monolith(catalog);
  try {
    auto loaded = topology::load({files.begin(), files.end()}, catalog, &environment);
    for (const auto& fault : loaded.faults) std::cerr << to_string(fault) << '\n';
    return std::move(loaded.value);
  } catch (const UnusableVariable& e) {
    std::cerr << e.what();
    return std::nullopt;
  }
}

bool can_run(const topology::Topology& topology) {
  const auto missing = topology::unsupported(topology);
  for (const auto& what : missing) {
    std::cerr << (topology.file.empty() ? topology.name : topology.file) << ": " << what << '\n';
  }
  return missing.empty();
}

}  // namespace troupe::cli
