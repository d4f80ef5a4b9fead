#include <troupe/topology/detail/resolve.hpp>

#include <troupe/topology/detail/defaults.hpp>
#include <troupe/topology/detail/listeners.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace troupe::topology::detail {
namespace {

constexpr std::size_t most_nodes = 1000;

class Resolver {
 public:
  Resolver(Draft draft, const Catalog& catalog, Faults& faults)
      : draft_(std::move(draft)), catalog_(catalog), faults_(faults) {}

  Topology resolve() {
    topology_.name = draft_.name;
    topology_.data = draft_.data;
    topology_.secrets = std::move(draft_.secrets);
    topology_.hash = draft_.hash;
    topology_.gateway = draft_.gateway;
    topology_.watchdog = draft_.watchdog;
    topology_.calls = std::move(draft_.calls);
    topology_.supervision = std::move(draft_.supervision);
    topology_.settings = std::move(draft_.settings);
    place_protocols();
    for (const DraftNode& node : draft_.nodes) expand(node);
    unique_names();
    gateways();
    links();
    report_collisions(std::move(listeners_), faults_);
    policies();
    databases();
    return std::move(topology_);
  }

 private:
  using Placement = std::map<std::string, std::size_t, std::less<>>;  // protocol -> index of its draft node

  void place_protocols() {
    for (std::size_t i = 0; i < draft_.nodes.size(); ++i) {
      for (const Located<std::string>& host : draft_.nodes[i].hosts) {
        if (host.value == gateway_name) continue;
        const auto [first, fresh] = placement_.emplace(host.value, i);
        if (fresh) continue;
        faults_.add(host.at,
                    quote(host.value) + " is hosted twice, by " + quote(draft_.nodes[first->second].name) + " and " +
                        quote(draft_.nodes[i].name),
                    "to share it out, make one node a group: give it lists for link and admin");
      }
    }
    const auto by_default = gateway_node();
    for (const Domain& domain : catalog_.domains) {
      auto main = placement_.find(domain.main);
      if (main == placement_.end()) {
        if (!by_default) {
          nowhere(domain.main);
          continue;
        }
        main = placement_.emplace(domain.main, *by_default).first;
      }
      for (const Helper& helper : domain.helpers) place_helper(domain, helper, main->second);
    }
  }

  void place_helper(const Domain& domain, const Helper& helper, std::size_t main) {
    const auto [own, followed] = placement_.emplace(helper.name, main);
    if (followed || own->second == main || helper.placement == HelperPlacement::anywhere) return;
    const DraftNode& node = draft_.nodes[own->second];
    const auto host = std::ranges::find(node.hosts, helper.name, &Located<std::string>::value);
    faults_.add(host->at,
                quote(helper.name) + " stands where " + quote(domain.main) + " stands, on " +
                    quote(draft_.nodes[main].name) + ", and nowhere else",
                "leave it out here");
    own->second = main;
  }

  /// Where domains stand that the file names nowhere, so that it stays good when the application gets another one.
  std::optional<std::size_t> gateway_node() const {
    const auto has_gateway = [](const DraftNode& node) {
      return std::ranges::find(node.hosts, gateway_name, &Located<std::string>::value) != node.hosts.end();
    };
    const auto edge = std::ranges::find_if(draft_.nodes, has_gateway);
    if (edge == draft_.nodes.end()) return std::nullopt;
    return static_cast<std::size_t>(edge - draft_.nodes.begin());
  }

  void nowhere(const std::string& protocol) {
    // A mistyped name is one fault, not two.
    for (const DraftNode& node : draft_.nodes) {
      if (std::ranges::find(node.meant, protocol) != node.meant.end()) return;
    }
    if (draft_.nodes.empty()) return;
    faults_.add(draft_.nodes.front().at, quote(protocol) + " is hosted nowhere", "add it to the hosts of a node");
  }

  void expand(const DraftNode& draft) {
    const std::size_t count = draft.kind == NodeKind::single ? 1 : group_size(draft);
    if (topology_.nodes.size() + count > most_nodes) {
      return faults_.add(draft.at, "more than " + std::to_string(most_nodes) + " nodes", "use fewer");
    }
    for (std::size_t i = 0; i < count; ++i) {
      Node node;
      node.group = draft.name;
      node.name = draft.kind == NodeKind::single ? draft.name : draft.name + "-" + std::to_string(i);
      node.loops = draft.loops;
      if (draft.bind) node.bind = draft.bind->value;
      for (const std::string& protocol : catalog_.protocols()) {
        const auto placed = placement_.find(protocol);
        if (placed != placement_.end() && &draft_.nodes[placed->second] == &draft) node.hosts.push_back(protocol);
      }
      const auto is_gateway = [](const Located<std::string>& host) { return host.value == gateway_name; };
      if (std::ranges::any_of(draft.hosts, is_gateway)) node.gateway.emplace();
      if (i < draft.link.size()) {
        node.link = draft.link[i].value;
        if (node.link)
          listeners_.push_back({*node.link, node.listening(*node.link), draft.link[i].at, node.name, "link"});
        // A bad address has been reported: it must not look like a missing one.
        if (!node.link) broken_links_.insert(node.name);
      }
      node.admin = default_admin(topology_.nodes.size());
      const bool written = i < draft.admin.size();
      if (written && draft.admin[i].value) node.admin = *draft.admin[i].value;
      listeners_.push_back(
          {node.admin, node.listening(node.admin), written ? draft.admin[i].at : draft.at, node.name, "admin"});
      places_.push_back(draft.at);
      topology_.nodes.push_back(std::move(node));
    }
  }

  std::size_t group_size(const DraftNode& draft) {
    const std::size_t size = std::max(draft.link.size(), draft.admin.size());
    if (!draft.link.empty() && !draft.admin.empty() && draft.link.size() != draft.admin.size()) {
      faults_.add(draft.admin.front().at,
                  "the group " + quote(draft.name) + " has " + std::to_string(draft.link.size()) +
                      " addresses in `link` and " + std::to_string(draft.admin.size()) + " in `admin`",
                  "give each node of the group one of each");
    }
    return std::max<std::size_t>(size, 1);
  }

  void unique_names() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < topology_.nodes.size(); ++i) {
      if (topology_.nodes[i].name == shared_folder_name) {
        faults_.add(places_[i], quote(shared_folder_name) + " cannot name a node",
                    "the folder of that name in `data` is that of all nodes; choose another");
      }
      if (seen.insert(topology_.nodes[i].name).second) continue;
      faults_.add(places_[i], "two nodes are called " + quote(topology_.nodes[i].name),
                  "a group names its nodes GROUP-0, GROUP-1, ...; rename one");
    }
  }

  void gateways() {
    std::vector<Node*> hosts;
    for (Node& node : topology_.nodes) {
      if (node.gateway) hosts.push_back(&node);
    }
    if (hosts.empty()) {
      if (draft_.gateway_at) {
        faults_.add(*draft_.gateway_at, "[gateway] is described, but no node hosts it",
                    "add \"gateway\" to the hosts of a node");
      }
      return;
    }
    if (draft_.listen.empty() && hosts.size() == 1) {
      *hosts.front()->gateway = default_gateway();
    } else if (draft_.listen.size() != hosts.size()) {
      return faults_.add(
          draft_.listen.empty() ? draft_.gateway_at.value_or(place_of(*hosts[1])) : draft_.listen.front().at,
          std::to_string(hosts.size()) + " nodes host the gateway, but `listen` in [gateway] has " +
              std::to_string(draft_.listen.size()) + " addresses",
          "give it a list with one address for each, in the order of the nodes");
    }
    for (std::size_t i = 0; i < draft_.listen.size(); ++i) {
      if (!draft_.listen[i].value) continue;
      *hosts[i]->gateway = *draft_.listen[i].value;
      add_gateway(*hosts[i], draft_.listen[i].at);
    }
    if (draft_.listen.empty()) add_gateway(*hosts.front(), place_of(*hosts.front()));
  }

  void add_gateway(const Node& node, Position at) {
    listeners_.push_back({*node.gateway, *node.gateway, at, node.name, "gateway"});
  }

  Position place_of(const Node& node) const {
    return places_[static_cast<std::size_t>(&node - topology_.nodes.data())];
  }

  void links() {
    for (const Node& node : topology_.nodes) {
      if (node.link || broken_links_.contains(node.name) || topology_.nodes.size() == 1) continue;
      faults_.add(place_of(node), "the node " + quote(node.name) + " has no `link`",
                  "add link = \"HOST:PORT\" or \"unix:PATH\", where its peers reach it");
    }
    for (const Listener& listener : listeners_) {
      if (listener.key != "link") continue;
      if (is_wildcard(listener.address)) {
        faults_.add(listener.at, "`link` of the node " + quote(listener.node) + " is no place that peers can reach",
                    "write the address of one interface");
      } else if (topology_.secrets.empty()) {
        secretless(listener);
      }
    }
  }

  /// What other machines can reach must be proven to belong to the topology.
  void secretless(const Listener& link) {
    const Node& node = *topology_.find_node(link.node);
    const bool leaves_machine = !is_loopback(link.address);
    if (!leaves_machine && is_loopback(node.listening(link.address))) return;
    faults_.add(link.at,
                (leaves_machine ? "`link`" : "`bind`") + std::string(" of the node ") + quote(link.node) +
                    " is not loopback, and the topology has no `secret`",
                "add secret = \"${TROUPE_SECRET}\" or use a loopback address");
  }

  void policies() {
    for (const std::string& protocol : catalog_.protocols()) {
      topology_.actors[protocol] = draft_.actors[protocol];
      const auto own = draft_.storage.find(protocol);
      if (own != draft_.storage.end()) {
        topology_.storage[protocol] = own->second.value;
      } else {
        topology_.storage[protocol] =
            draft_.default_storage ? draft_.default_storage->value : std::string(default_storage);
      }
    }
  }

  void databases() {
    struct User {
      std::string protocol;
      std::string node;
    };
    std::map<std::string, User> users;
    for (const Node& node : topology_.nodes) {
      for (const std::string& protocol : node.hosts) {
        const StorageLocation storage = topology_.storage_of(node, protocol);
        if (storage.kind != StorageKind::sqlite) continue;
        const std::string path = std::filesystem::path(storage.location).lexically_normal().string();
        const auto [first, fresh] = users.emplace(path, User{protocol, node.name});
        if (fresh) continue;
        faults_.add(storage_place(protocol),
                    "the SQLite file " + quote(path) + " is used twice, by " + quote(first->second.protocol) + " on " +
                        quote(first->second.node) + " and " + quote(protocol) + " on " + quote(node.name),
                    "put {node} and {protocol} into its path");
        return;
      }
    }
  }

  Position storage_place(const std::string& protocol) const {
    const auto own = draft_.storage.find(protocol);
    if (own != draft_.storage.end()) return own->second.at;
    return draft_.default_storage ? draft_.default_storage->at : Position{};
  }

  Draft draft_;
  const Catalog& catalog_;
  Faults& faults_;
  Topology topology_;
  Placement placement_;
  std::vector<Position> places_;  ///< of each node of the topology
  std::vector<Listener> listeners_;
  std::set<std::string> broken_links_;
};

}  // namespace

Topology resolve(Draft draft, const Catalog& catalog, Faults& faults) {
  return Resolver(std::move(draft), catalog, faults).resolve();
}

}  // namespace troupe::topology::detail
