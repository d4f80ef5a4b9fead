#pragma once

#include <troupe/topology/catalog.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/topology/model.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::topology {

/// Answers `${NAME}`: the variable's value, or nothing where it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// A file with more bytes is refused unread.
inline constexpr std::size_t longest_topology_file = 1024 * 1024;

/// Reads and checks the topology file at `path`.
///
///     const auto loaded = topology::load("topology/monolith.toml", catalog, environment);
///     for (const auto& fault : loaded.faults) std::cerr << to_string(fault) << '\n';
///
/// Errors: every fault of the file at once, in its order; a syntax error hides what a reader could say about the rest.
Checked<Topology> load(const std::filesystem::path& path, const Catalog& catalog, const Environment& environment);

/// The same for a base file and those that change it, such as one for an environment: what a later file says stands,
/// table by table and key by key; a list is replaced whole. `paths` are at least one.
Checked<Topology> load(const std::vector<std::filesystem::path>& paths, const Catalog& catalog,
                       const Environment& environment);

/// A file's name, which faults carry, and what it says.
struct TopologyText {
  std::string file;
  std::string text;
};

Checked<Topology> parse(const std::vector<TopologyText>& texts, const Catalog& catalog, const Environment& environment);

/// The same for a text; `file` is the name that faults carry.
Checked<Topology> parse(std::string_view text, std::string file, const Catalog& catalog,
                        const Environment& environment);

}  // namespace troupe::topology
