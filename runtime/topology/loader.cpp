#include <troupe/topology/loader.hpp>

#include <troupe/topology/detail/document.hpp>
#include <troupe/topology/detail/draft.hpp>
#include <troupe/topology/detail/resolve.hpp>
#include <troupe/topology/detail/substitute.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::topology {
namespace {

Checked<Topology> unreadable(std::string file, const std::string& why, const std::string& hint) {
  Faults faults(std::move(file));
  faults.add({}, "the topology file cannot be read: " + why, hint);
  return {std::nullopt, faults.take()};
}

/// What the file says; nothing, with a fault, where it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& path, std::vector<TopologyFault>& faults) {
  const auto refuse = [&](const std::string& why, const std::string& hint = "check its path and permissions") {
    faults = unreadable(path.string(), why, hint).faults;
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
  if (text.size() > longest_topology_file) return refuse("it is larger than 1 MiB", "is it a topology?");
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

/// Adds what the domains say of their settings, but where a fault has been found already.
void check_settings(const Topology& topology, const Catalog& catalog, const std::vector<std::string>& files,
                    std::vector<TopologyFault>& faults) {
  const auto place_of = [&files](const TopologyFault& fault) {
    return std::tuple(std::ranges::find(files, fault.file) - files.begin(), fault.line, fault.column);
  };
  std::vector<TopologyFault> found;
  for (const Domain& domain : catalog.domains) {
    if (!domain.settings_faults) continue;
    for (TopologyFault& fault : domain.settings_faults(topology.settings_of(domain.name))) {
      const bool known = std::ranges::find(faults, place_of(fault), place_of) != faults.end();
      if (!known) found.push_back(std::move(fault));
    }
  }
  std::ranges::move(found, std::back_inserter(faults));
  std::ranges::stable_sort(faults, {}, place_of);
}

}  // namespace

Checked<Topology> parse(const std::vector<TopologyText>& texts, const Catalog& catalog,
                        const Environment& environment) {
  std::vector<std::string> files;
  for (const TopologyText& text : texts) files.push_back(text.file);
  Faults faults(files);
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
  auto found = faults.take();
  check_settings(topology, catalog, files, found);
  if (!found.empty()) return {std::nullopt, std::move(found)};
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
