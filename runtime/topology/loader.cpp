#include "runtime/topology/loader.hpp"

#include "runtime/topology/detail/document.hpp"
#include "runtime/topology/detail/draft.hpp"
#include "runtime/topology/detail/resolve.hpp"
#include "runtime/topology/detail/substitute.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace troupe::topology {
namespace {

Checked<Topology> unreadable(std::string file, const std::string& why) {
  Faults faults(std::move(file));
  faults.add({}, "the topology file cannot be read: " + why, "check its path and permissions");
  return {std::nullopt, faults.take()};
}

}  // namespace

Checked<Topology> parse(std::string_view text, std::string file, const Catalog& catalog,
                        const Environment& environment) {
  Faults faults(std::move(file));
  std::optional<Table> document = detail::read_toml(text, faults);
  if (!document) return {std::nullopt, faults.take()};
  detail::substitute(*document, environment, faults);
  faults.seal_places();
  Topology topology = detail::resolve(detail::read_draft(*document, catalog, faults), catalog, faults);
  topology.file = faults.file();
  if (!faults.empty()) return {std::nullopt, faults.take()};
  return {std::move(topology), {}};
}

Checked<Topology> load(const std::filesystem::path& path, const Catalog& catalog, const Environment& environment) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable(path.string(), "it is a folder");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable(path.string(), std::generic_category().message(errno));
  std::string text;
  text.resize(longest_topology_file + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return unreadable(path.string(), std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > longest_topology_file) return unreadable(path.string(), "it is larger than 1 MiB");
  return parse(text, path.string(), catalog, environment);
}

}  // namespace troupe::topology
