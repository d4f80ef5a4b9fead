#include <troupe/topology/detail/draft.hpp>

#include <troupe/topology/detail/defaults.hpp>
#include <troupe/topology/detail/policies.hpp>
#include <troupe/topology/detail/secrets.hpp>

#include <algorithm>
#include <utility>

namespace troupe::topology::detail {
namespace {

constexpr std::uint32_t most_loops = 256;
constexpr std::size_t longest_name = 63;

/// Names of nodes and topologies become folders and host names.
bool is_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= longest_name && plain(name.front()) && plain(name.back()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-'; });
}

constexpr std::string_view name_hint = "a name is 1 to 63 lower-case letters, digits and hyphens";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

class DraftReader {
 public:
  DraftReader(const Table& document, const Catalog& catalog, Faults& faults)
      : top_(document, "", faults), faults_(faults), catalog_(catalog), protocols_(catalog.protocols()) {
    hostable_ = protocols_;
    if (catalog.gateway == GatewaySupport::present) hostable_.insert(hostable_.begin(), std::string(gateway_name));
  }

  Draft read() {
    header();
    nodes();
    gateway();
    watchdog();
    each("actors", &DraftReader::actor);
    storage();
    each("calls", &DraftReader::call);
    each("supervision", &DraftReader::supervision);
    each("settings", &DraftReader::settings);
    top_.finish();
    return std::move(draft_);
  }

 private:
  /// Calls `member` with every table inside the table `section`, with its entry and path.
  void each(std::string_view section, void (DraftReader::*member)(const Entry&, TableReader&)) {
    const Table* table = top_.table(section);
    if (table == nullptr) return;
    for (const Entry& entry : *table) {
      const std::string path = std::string(section) + "." + entry.key;
      if (const auto* inner = entry.value.get<Table>()) {
        TableReader reader(*inner, path, faults_);
        (this->*member)(entry, reader);
      } else {
        const bool bare = entry.key.find_first_of(" >\"") == std::string::npos;
        faults_.add(entry.value.at, quote(path) + " must be a table, not " + std::string(type_name(entry.value)),
                    "write a section [" + (bare ? path : std::string(section) + ".\"" + entry.key + "\"") + "]");
      }
    }
  }

  void header() {
    top_.read("name", draft_.name);
    const Entry* name = top_.entry("name");
    if (name == nullptr) {
      faults_.add({}, "the topology has no `name`", "begin the file with name = \"...\"");
    } else if (name->value.get<std::string>() != nullptr && !is_name(draft_.name)) {
      faults_.add(name->value.at, "`name` is " + quote(draft_.name), std::string(name_hint));
    }
    draft_.data = default_data(draft_.name);
    top_.read("data", draft_.data);
    if (const Entry* data = top_.entry("data"); data != nullptr && draft_.data.empty()) {
      faults_.add(data->value.at, "`data` is empty", "name a folder, or leave the key out");
    }
    draft_.secrets = read_secrets(top_, catalog_);
    top_.read("hash", draft_.hash, {1, 1});
  }

  void nodes() {
    if (top_.entry("nodes") == nullptr) {
      faults_.add({}, "the topology has no nodes", "add a section [nodes.main] with hosts = [...]");
    }
    each("nodes", &DraftReader::node);
  }

  void node(const Entry& entry, TableReader& reader) {
    DraftNode node;
    node.name = entry.key;
    node.at = entry.at;
    if (!is_name(entry.key)) {
      faults_.add(entry.at, quote(entry.key) + " cannot name a node", std::string(name_hint));
    }
    if (const Entry* hosts = reader.entry("hosts"); hosts == nullptr) {
      faults_.add(entry.at, "the node " + quote(entry.key) + " has no `hosts`",
                  "add hosts = [...] with the protocols it hosts");
    } else if (const auto* items = hosts->value.get<Array>(); items != nullptr && items->empty()) {
      faults_.add(hosts->value.at, "the node " + quote(entry.key) + " hosts nothing",
                  suggest("", hostable_, "protocols"));
    }
    for (Located<std::string>& host : reader.texts("hosts")) host_of(node, std::move(host));
    for (const std::string_view key : {"link", "admin"}) {
      const Entry* found = reader.entry(key);
      if (found != nullptr && found->value.get<Array>() != nullptr) node.kind = NodeKind::group;
    }
    node.link = reader.addresses("link", TableReader::AddressKind::port_or_socket);
    node.admin = reader.addresses("admin", TableReader::AddressKind::port);
    node.bind = reader.ip_address("bind");
    if (std::uint32_t loops = 0; reader.entry("loops") != nullptr) {
      reader.read("loops", loops, {1, most_loops});
      if (loops > 0) node.loops = loops;
    }
    reader.finish();
    draft_.nodes.push_back(std::move(node));
  }

  void host_of(DraftNode& node, Located<std::string> host) {
    if (std::ranges::find(hostable_, host.value) == hostable_.end()) {
      faults_.add(host.at, "unknown protocol " + quote(host.value) + " in [nodes." + node.name + "]",
                  suggest(host.value, hostable_, "protocols"));
      node.meant.emplace_back(nearest(host.value, hostable_));
    } else if (std::ranges::find(node.hosts, host.value, &Located<std::string>::value) != node.hosts.end()) {
      faults_.add(host.at, "the node " + quote(node.name) + " lists " + quote(host.value) + " twice", "leave one out");
    } else {
      node.hosts.push_back(std::move(host));
    }
  }

  void gateway() {
    const Table* table = top_.table("gateway");
    if (table == nullptr) return;
    draft_.gateway_at = top_.entry("gateway")->at;
    TableReader reader(*table, "gateway", faults_);
    draft_.listen = reader.addresses("listen", TableReader::AddressKind::port);
    draft_.gateway = read_gateway_limits(reader);
    reader.finish();
  }

  void watchdog() {
    const Table* table = top_.table("watchdog");
    if (table == nullptr) return;
    TableReader reader(*table, "watchdog", faults_);
    draft_.watchdog = read_watchdog_policy(reader);
    reader.finish();
  }

  bool known_protocol(const Entry& entry, std::string_view section) {
    if (std::ranges::find(protocols_, entry.key) != protocols_.end()) return true;
    faults_.add(entry.at, "unknown protocol " + quote(entry.key) + " in [" + std::string(section) + "]",
                suggest(entry.key, protocols_, "protocols"));
    return false;
  }

  void actor(const Entry& entry, TableReader& reader) {
    known_protocol(entry, "actors");
    draft_.actors[entry.key] = read_actor_policy(reader);
    reader.finish();
  }

  void storage() {
    const Table* table = top_.table("storage");
    if (table == nullptr) return;
    for (const Entry& entry : *table) {
      const bool is_default = entry.key == "default";
      if (!is_default && !known_protocol(entry, "storage")) continue;
      const auto* url = entry.value.get<std::string>();
      if (url == nullptr) {
        faults_.add(entry.value.at,
                    quote(entry.key) + " in [storage] must be a string, not " + std::string(type_name(entry.value)),
                    "write \"sqlite:PATH\" or \"postgresql://...\"");
        continue;
      }
      if (!valid_storage(entry, *url)) continue;
      if (is_default) draft_.default_storage = {*url, entry.value.at};
      if (!is_default) draft_.storage[entry.key] = {*url, entry.value.at};
    }
  }

  /// The URL itself is never printed: it may hold a password.
  bool valid_storage(const Entry& entry, std::string_view url) {
    const bool sqlite = url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size();
    if (!sqlite && !url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
      faults_.add(entry.value.at, quote(entry.key) + " in [storage] names no storage that Troupe knows",
                  "write \"sqlite:PATH\" or \"postgresql://...\"");
      return false;
    }
    for (std::size_t at = url.find('{'); at != std::string_view::npos; at = url.find('{', at + 1)) {
      const std::string_view name = url.substr(at, url.find('}', at) - at + 1);
      if (name == "{data}" || name == "{node}" || name == "{protocol}") continue;
      faults_.add(entry.value.at, quote(entry.key) + " in [storage] holds the unknown placeholder " + quote(name),
                  "known placeholders: {data}, {node}, {protocol}");
      return false;
    }
    return true;
  }

  void call(const Entry& entry, TableReader& reader) {
    const CallPolicy policy = read_call_policy(reader);
    reader.finish();
    if (const auto edge = edge_of(entry)) add_call(entry, *edge, policy);
  }

  std::optional<Edge> edge_of(const Entry& entry) {
    const std::size_t arrow = entry.key.find("->");
    if (arrow == std::string::npos) {
      faults_.add(entry.at, quote(entry.key) + " in [calls] is no edge", "write \"caller -> callee\"");
      return std::nullopt;
    }
    Edge edge{std::string(trimmed(std::string_view(entry.key).substr(0, arrow))),
              std::string(trimmed(std::string_view(entry.key).substr(arrow + 2)))};
    bool known = true;
    const auto check = [&](const std::string& name, const std::vector<std::string>& names) {
      if (std::ranges::find(names, name) != names.end()) return;
      faults_.add(entry.at, "unknown protocol " + quote(name) + " in [calls]", suggest(name, names, "protocols"));
      known = false;
    };
    check(edge.from, hostable_);
    check(edge.to, protocols_);
    return known ? std::optional(std::move(edge)) : std::nullopt;
  }

  void add_call(const Entry& entry, const Edge& edge, const CallPolicy& policy) {
    if (!catalog_.edges.empty() && std::ranges::find(catalog_.edges, edge) == catalog_.edges.end()) {
      std::string known;
      for (const Edge& e : catalog_.edges) known += (known.empty() ? "" : ", ") + call_key(e.from, e.to);
      faults_.add(entry.at, quote(edge.from) + " never asks " + quote(edge.to), "known edges: " + known);
    } else if (!draft_.calls.emplace(call_key(edge.from, edge.to), policy).second) {
      faults_.add(entry.at, quote(call_key(edge.from, edge.to)) + " stands twice in [calls]", "leave one out");
    }
  }

  /// After [actors], whose words on a protocol's supervisor these add to.
  void supervision(const Entry& entry, TableReader& reader) {
    SupervisionPolicy policy;
    if (const auto slash = entry.key.find('/'); slash != std::string::npos) {
      const auto actor = draft_.actors.find(entry.key.substr(slash + 1));
      if (actor != draft_.actors.end()) policy = actor->second.supervision;
    }
    read_supervision(reader, policy);
    reader.finish();
    if (is_in_tree(entry)) draft_.supervision[entry.key] = policy;
  }

  /// The path of a domain, of a protocol in it or its storage, of its workers or one of them.
  bool is_in_tree(const Entry& entry) {
    std::vector<std::string> paths;
    for (const Domain& domain : catalog_.domains) {
      const std::string workers = domain.name + "/workers";
      if (!domain.workers && entry.key.starts_with(workers)) return true;
      for (const char* part : {"", "/storage"}) {
        paths.push_back(domain.name + part);
        paths.push_back(domain.name + part + '/' + domain.main);
        for (const Helper& helper : domain.helpers) paths.push_back(domain.name + part + '/' + helper.name);
      }
      paths.push_back(workers);
      paths.push_back(workers + '/' + std::string(outbox_worker));
      if (!domain.workers) continue;
      for (const CatalogWorker& worker : *domain.workers) paths.push_back(workers + '/' + worker.name);
    }
    if (std::ranges::find(paths, entry.key) != paths.end()) return true;
    faults_.add(entry.at, "[supervision] has " + quote(entry.key) + ", which is not in the supervision tree",
                suggest(entry.key, paths, "paths"));
    return false;
  }

  void settings(const Entry& entry, TableReader&) {
    if (catalog_.find_domain(entry.key) == nullptr) {
      std::vector<std::string> domains;
      for (const Domain& domain : catalog_.domains) domains.push_back(domain.name);
      faults_.add(entry.at, "unknown domain " + quote(entry.key) + " in [settings]",
                  suggest(entry.key, domains, "domains"));
      return;
    }
    draft_.settings[entry.key] = {faults_.files(), "settings." + entry.key, entry.at, *entry.value.get<Table>()};
  }

  TableReader top_;
  Faults& faults_;
  const Catalog& catalog_;
  std::vector<std::string> protocols_;
  std::vector<std::string> hostable_;
  Draft draft_;
};

}  // namespace

Draft read_draft(const Table& document, const Catalog& catalog, Faults& faults) {
  return DraftReader(document, catalog, faults).read();
}

}  // namespace troupe::topology::detail
