#include "runtime/topology/loader.hpp"

#include "runtime/topology/detail/document.hpp"
#include "runtime/topology/detail/draft.hpp"
#include "runtime/topology/detail/resolve.hpp"
#include "runtime/topology/detail/substitute.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::topology {
namespace {

Checked<Topology> unreadable(std::string file, const std::string& why) {
  Faults faults(std::move(file));
  faults.add({}, "the topology file cannot be read: " + why, "check its path and permissions");
  return {std::nullopt, faults.take()};
}

/// What the file says; nothing, with a fault, where it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& path, std::vector<TopologyFault>& faults) {
  const auto refuse = [&](const std::string& why) {
    faults = unreadable(path.string(), why).faults;
    return std::nullopt;
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return refuse("it is a folder");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return refuse(std::generic_category().message(errno));
  std::string text;
  text.resize(longest_topology_file + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return refuse(std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > longest_topology_file) return refuse("it is larger than 1 MiB");
  return text;
}

/// Puts `over` over `base`: tables are merged, anything else is replaced.
void lay_over(Table& base, Table over) {
  for (Entry& entry : over) {
    const auto found = std::ranges::find(base, entry.key, &Entry::key);
    if (found == base.end()) {
      base.push_back(std::move(entry));
      continue;
    }
    auto* below = std::get_if<Table>(&found->value.data);
    auto* above = std::get_if<Table>(&entry.value.data);
    if (below != nullptr && above != nullptr) {
      lay_over(*below, std::move(*above));
    } else {
      *found = std::move(entry);
    }
  }
}

}  // namespace

Checked<Topology> parse(const std::vector<TopologyText>& texts, const Catalog& catalog,
                        const Environment& environment) {
  std::vector<std::string> files;
  for (const TopologyText& text : texts) files.push_back(text.file);
  Faults faults(std::move(files));
  Table document;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (auto table = detail::read_toml(texts[i].text, static_cast<std::uint32_t>(i), faults)) {
      lay_over(document, std::move(*table));
    }
  }
  if (!faults.empty()) return {std::nullopt, faults.take()};
  // After the merge: a variable of a value that another file replaces need not be set.
  detail::substitute(document, environment, faults);
  faults.seal_places();
  Topology topology = detail::resolve(detail::read_draft(document, catalog, faults), catalog, faults);
  topology.file = faults.file();
  if (!faults.empty()) return {std::nullopt, faults.take()};
  return {std::move(topology), {}};
}

Checked<Topology> parse(std::string_view text, std::string file, const Catalog& catalog,
                        const Environment& environment) {
  return parse({TopologyText{std::move(file), std::string(text)}}, catalog, environment);
}

Checked<Topology> load(const std::vector<std::filesystem::path>& paths, const Catalog& catalog,
                       const Environment& environment) {
  std::vector<TopologyText> texts;
  for (const auto& path : paths) {
    std::vector<TopologyFault> faults;
    auto text = read_text(path, faults);
    if (!text) return {std::nullopt, std::move(faults)};
    texts.push_back({path.string(), std::move(*text)});
  }
  return parse(texts, catalog, environment);
}

Checked<Topology> load(const std::filesystem::path& path, const Catalog& catalog, const Environment& environment) {
  return load(std::vector{path}, catalog, environment);
}

}  // namespace troupe::topology
