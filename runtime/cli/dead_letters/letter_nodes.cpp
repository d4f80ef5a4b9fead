#include <troupe/cli/dead_letters/letter_nodes.hpp>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <iterator>
#include <utility>

#include <troupe/cli/load_topology.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::cli {

namespace {

constexpr std::string_view root = "/dead-letters";
constexpr std::string_view first_page = "/dead-letters?limit=1000";
constexpr std::string_view no_node = "what answers there is no node: what it tells can't be read";

/// Why what answered is not the node that was asked; empty: it is.
std::string stranger(const LetterNode& asked, const std::string& node, const std::string& topology) {
  if (asked.topology.empty() || (node == asked.node && topology == asked.topology)) return {};
  return "the node " + node + " of the topology " + topology + " answers there";
}

std::optional<std::vector<LetterNode>> at(const std::vector<std::string>& admins) {
  std::vector<LetterNode> nodes;
  for (const auto& admin : admins) {
    auto address = topology::parse_address(admin);
    if (!address || address->leaves_port_open()) {
      std::cerr << "--admin: " << topology::quote(admin) << " is no address; it is HOST:PORT, such as 127.0.0.1:9101\n";
      return std::nullopt;
    }
    nodes.push_back({{}, std::move(*address), {}, {}, {}});
  }
  return nodes;
}

std::vector<LetterNode> of(const topology::Topology& topology) {
  std::vector<LetterNode> nodes;
  for (const auto& node : topology.nodes) {
    nodes.push_back({node.name, node.admin, topology.name, {}, {}});
    if (!node.admin.leaves_port_open()) continue;
    nodes.back().trouble = "its port is chosen by the system: ask by --admin, with the one of its ready line";
  }
  return nodes;
}

}  // namespace

std::optional<LetterNodes> LetterNodes::choose(const node::Application& application,
                                               const LetterNodeArguments& arguments) {
  LetterNodes chosen;
  if (!arguments.admins.empty()) {
    auto nodes = at(arguments.admins);
    if (!nodes) return std::nullopt;
    chosen.nodes_ = std::move(*nodes);
    return chosen;
  }
  const auto topology = load_topology(application, arguments.topologies);
  if (!topology) return std::nullopt;
  // Without a file, whichever node has the first address is meant.
  if (arguments.topologies.empty()) {
    chosen.nodes_ = {{{}, topology->nodes.front().admin, {}, {}, {}}};
  } else {
    chosen.nodes_ = of(*topology);
  }
  return chosen;
}

bool LetterNodes::all_tell() const {
  return std::ranges::all_of(nodes_, [](const LetterNode& node) { return node.trouble.empty(); });
}

void LetterNodes::list() {
  std::vector<NodeRequest> requests;
  std::vector<LetterNode*> asked = telling(requests, std::string(first_page));
  while (!asked.empty()) {
    const auto answers = ask_nodes(requests);
    requests.clear();
    std::vector<LetterNode*> with_more;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto after = take(*asked[i], answers[i]);
      if (!after) continue;
      with_more.push_back(asked[i]);
      requests.push_back({asked[i]->address, std::string(first_page) + "&after=" + *after});
    }
    asked = std::move(with_more);
  }
}

std::vector<LetterNode*> LetterNodes::telling(std::vector<NodeRequest>& requests, const std::string& path) {
  std::vector<LetterNode*> asked;
  for (auto& node : nodes_) {
    if (!node.trouble.empty()) continue;
    asked.push_back(&node);
    requests.push_back({node.address, path});
  }
  return asked;
}

std::optional<std::string> LetterNodes::take(LetterNode& node, const NodeAnswer& answer) {
  node.trouble = answer.trouble;
  if (!node.trouble.empty()) return std::nullopt;
  auto list = wire::from_stored_json<observe::DeadLetterList>(answer.body);
  node.trouble = list ? stranger(node, list->node, list->topology) : std::string(no_node);
  if (!node.trouble.empty()) return std::nullopt;
  node.node = list->node;
  std::ranges::move(list->dead_letters, std::back_inserter(node.dead_letters));
  return std::move(list->next);
}

std::optional<FoundLetter> LetterNodes::find(const std::string& id) {
  std::vector<NodeRequest> requests;
  const auto asked = telling(requests, std::string(root) + '/' + id);
  const auto answers = ask_nodes(requests);
  std::optional<FoundLetter> found;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    constexpr std::uint16_t not_found = 404;
    if (answers[i].status == not_found) continue;
    LetterNode& node = *asked[i];
    node.trouble = answers[i].trouble;
    if (!node.trouble.empty()) continue;
    const auto detail = wire::from_stored_json<observe::DeadLetterDetail>(answers[i].body);
    node.trouble = detail ? stranger(node, detail->node, detail->topology) : std::string(no_node);
    if (node.trouble.empty()) found = FoundLetter{node.address, answers[i].body};
  }
  return found;
}

std::vector<NodeAnswer> LetterNodes::command(const topology::Address& address, const std::vector<std::string>& ids,
                                             LetterCommand command) {
  const std::string_view verb = command == LetterCommand::retry ? "/retry" : "/drop";
  std::vector<NodeRequest> requests;
  for (const auto& id : ids) {
    requests.push_back({address, std::string(root) + '/' + id + std::string(verb), NodeRequest::Kind::command});
  }
  return ask_nodes(requests);
}

std::string name_of(const LetterNode& node) {
  const std::string address = to_string(node.address);
  return node.node.empty() ? address : node.node + " (" + address + ')';
}

}  // namespace troupe::cli
