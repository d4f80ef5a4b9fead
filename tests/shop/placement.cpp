#include "tests/shop/placement.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace shop::testing {

namespace {

constexpr const char* any_port = "\"127.0.0.1:0\"";

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "\"" : ", \"") + word + '"';
  return '[' + text + ']';
}

/// One address, or as many as a group has nodes.
std::string addresses(unsigned count) {
  if (count == 1) return any_port;
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + std::string(any_port);
  return '[' + text + ']';
}

bool hosts_gateway(const PlacedGroup& group) {
  for (const auto& host : group.hosts) {
    if (host == "gateway") return true;
  }
  return false;
}

}  // namespace

Placement parse_placement(std::string_view text) {
  Placement placement;
  std::istringstream nodes{std::string(text)};
  for (std::string node; std::getline(nodes, node, '|');) {
    PlacedGroup group;
    group.name = 'n' + std::to_string(placement.size());
    std::istringstream words(node);
    for (std::string word; words >> word;) {
      const auto star = word.find('*');
      if (star != std::string::npos) group.size = static_cast<unsigned>(std::stoul(word.substr(star + 1)));
      group.hosts.push_back(word.substr(0, star));
    }
    if (group.hosts.empty()) throw std::invalid_argument("a node without hosts in: " + std::string(text));
    placement.push_back(std::move(group));
  }
  return placement;
}

Placement wanted_placement() {
  const char* text = std::getenv("TROUPE_PLACEMENT");
  return text && *text ? parse_placement(text) : Placement{};
}

std::string tables_of(const Placement& placement) {
  std::string text;
  std::string gateway;
  for (const auto& group : placement) {
    text += "[nodes." + group.name + "]\nhosts = " + list_of(group.hosts) + "\nlink = " + addresses(group.size) +
            "\nadmin = " + addresses(group.size) + "\n\n";
    if (hosts_gateway(group)) gateway = "[gateway]\nlisten = " + addresses(group.size) + "\n\n";
  }
  return text + gateway;
}

}  // namespace shop::testing
