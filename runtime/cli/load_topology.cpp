#include <troupe/cli/load_topology.hpp>

#include <cstdlib>
#include <iostream>
#include <utility>

#include <troupe/topology/loader.hpp>

namespace troupe::cli {

std::optional<std::string> environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<topology::Topology> load_topology(const node::Application& application,
                                                const std::vector<std::string>& files) {
  const auto catalog = application.catalog();
  if (files.empty()) return topology::monolith(catalog);
  auto loaded = topology::load({files.begin(), files.end()}, catalog, &environment);
  for (const auto& fault : loaded.faults) std::cerr << to_string(fault) << '\n';
  return std::move(loaded.value);
}

bool can_run(const topology::Topology& topology) {
  const auto missing = topology::unsupported(topology);
  for (const auto& what : missing) {
    std::cerr << (topology.file.empty() ? topology.name : topology.file) << ": " << what << '\n';
  }
  return missing.empty();
}

}  // namespace troupe::cli
