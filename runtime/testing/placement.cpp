#include <troupe/testing/placement.hpp>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace troupe::testing {

namespace {

constexpr std::size_t most_partitioned = 4;
constexpr unsigned first_link_port = 7101;
constexpr unsigned first_admin_port = 9101;
constexpr unsigned first_gateway_port = 8080;

/// Hands out addresses of one kind.
class Addresses {
 public:
  Addresses(Ports ports, unsigned first) : ports_(ports), next_(first) {}

  /// One address, or as many as a group has nodes, as TOML.
  std::string next(unsigned count) {
    if (count == 1) return one();
    std::string text;
    for (unsigned i = 0; i < count; ++i) text += (i == 0 ? "[" : ", ") + one();
    return text + ']';
  }

 private:
  std::string one() {
    const unsigned port = ports_ == Ports::numbered ? next_++ : 0;
    return "\"127.0.0.1:" + std::to_string(port) + '"';
  }

  const Ports ports_;
  unsigned next_;
};

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "\"" : ", \"") + word + '"';
  return '[' + text + ']';
}

bool hosts_gateway(const PlacedGroup& group) {
  return std::ranges::find(group.hosts, topology::gateway_name) != group.hosts.end();
}

using Blocks = std::vector<std::vector<std::string>>;

/// Every way to put the domains from `next` on into the blocks of those before, or into one of its own.
void partition(const std::vector<std::string>& domains, std::size_t next, Blocks& blocks, std::vector<Blocks>& found) {
  if (next == domains.size()) return found.push_back(blocks);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].push_back(domains[next]);
    partition(domains, next + 1, blocks, found);
    blocks[i].pop_back();
  }
  blocks.push_back({domains[next]});
  partition(domains, next + 1, blocks, found);
  blocks.pop_back();
}

std::vector<Blocks> partitions_of(const std::vector<std::string>& domains) {
  std::vector<Blocks> found;
  Blocks blocks;
  if (domains.size() <= most_partitioned) {
    partition(domains, 0, blocks, found);
    return found;
  }
  found.push_back({domains});
  for (const auto& alone : domains) {
    auto others = domains;
    std::erase(others, alone);
    found.push_back({std::move(others), {alone}});
  }
  for (const auto& domain : domains) blocks.push_back({domain});
  found.push_back(std::move(blocks));
  return found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
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

std::string tables_of(const Placement& placement, Ports ports) {
  Addresses links(ports, first_link_port);
  Addresses admins(ports, first_admin_port);
  Addresses gateways(ports, first_gateway_port);
  const bool alone = placement.size() == 1 && placement.front().size == 1;
  std::string text;
  std::string gateway;
  for (const auto& group : placement) {
    text += "[nodes." + group.name + "]\nhosts = " + list_of(group.hosts) + '\n';
    if (!alone) text += "link = " + links.next(group.size) + '\n';
    text += "admin = " + admins.next(group.size) + "\n\n";
    if (hosts_gateway(group)) gateway = "[gateway]\nlisten = " + gateways.next(group.size) + "\n\n";
  }
  return text + gateway;
}

std::vector<std::string> all_placements(const node::Application& application) {
  std::vector<std::string> domains;
  for (const auto& entry : application.entries()) domains.push_back(entry.name);
  std::vector<std::string> placements;
  for (const auto& blocks : partitions_of(domains)) {
    std::string text = "gateway";
    for (const auto& block : blocks) text += " | " + joined(block);
    placements.push_back(std::move(text));
  }
  for (const auto& scaled : domains) {
    std::string text = "gateway";
    for (const auto& domain : domains) {
      if (domain != scaled) text += ' ' + domain;
    }
    placements.push_back(text + " | " + scaled + "*3");
  }
  placements.push_back("gateway*2 | " + joined(domains));
  return placements;
}

}  // namespace troupe::testing
