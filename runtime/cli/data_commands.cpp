#include <troupe/cli/data_commands.hpp>

#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>

#include <troupe/cli/load_topology.hpp>
#include <troupe/node/data_layout.hpp>
#include <troupe/storage/private_file.hpp>
#include <troupe/storage/stored_entity.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::cli {

namespace {

void print_abandoned(const storage::Layout& from, const storage::Layout& to) {
  std::cout << "abandoned: the data is in " << from.data.string() << " as " << from.files
            << " has it, and what was copied for " << to.files << " is removed\n";
}

void print_moved(const std::vector<storage::Carried>& all, const storage::Layout& from, const storage::Layout& to) {
  std::uint64_t entities = 0;
  std::uint64_t rows = 0;
  for (const auto& carried : all) {
    std::cout << carried.protocol << "  " << carried.from_node << " -> " << carried.to_node << "  shards "
              << storage::to_text(carried.shards) << "  " << carried.entities << " entities, " << carried.rows
              << " rows\n";
    entities += carried.entities;
    rows += carried.rows;
  }
  if (all.empty()) {
    std::cout << "nothing had to be moved: the data in " << to.data.string() << " is as " << to.files << " has it\n";
    return;
  }
  std::cout << "moved and verified " << entities << " entities, " << rows << " rows, from " << from.data.string()
            << " to " << to.data.string() << '\n';
}

/// Only one of them would go along, and the nodes that still use the other would not know it.
bool replaces_secret(const topology::Topology& topology) {
  if (topology.nodes.size() == 1 || topology.secrets.size() < 2) return false;
  std::cerr << topology.file << ": `secret` is being replaced, and a move takes one key along; end that first "
            << "(docs/security.md, Another secret), then move\n";
  return true;
}

struct EntityName {
  std::string protocol;
  std::string key;
};

std::optional<EntityName> parse_entity(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos || slash == 0) return std::nullopt;
  EntityName name{text.substr(0, slash), text.substr(slash + 1)};
  if (name.key.empty() || name.key.size() > Key::max_text_bytes) return std::nullopt;
  return name;
}

/// An id where the text is one: no other text has its form.
Key key_of(const std::string& text) {
  const auto id = parse_uuid(text);
  return id ? Key(*id) : Key(text);
}

void print(const EntityName& name, std::uint32_t shard, const storage::Owners::Owner& owner,
           const storage::StoredEntity& entity) {
  std::cout << "{\"protocol\":" << wire::to_json(name.protocol) << ",\"key\":" << wire::to_json(entity.key.to_string())
            << ",\"shard\":" << shard << ",\"node\":" << wire::to_json(owner.node->node)
            << ",\"database\":" << wire::to_json(owner.database->file.string()) << ',' << storage::entity_json(entity)
            << "}\n";
}

ExitCode look_up(const storage::Layout& layout, const EntityName& name) {
  const auto protocols = layout.protocols();
  const storage::Owners owners(layout, name.protocol);
  if (owners.empty()) {
    std::cerr << "there is no protocol " << topology::quote(name.protocol) << "; "
              << topology::suggest(name.protocol, protocols, "protocols") << '\n';
    return misused;
  }
  const Key key = key_of(name.key);
  const std::uint32_t shard = owners.shard_of(key);
  const auto& owner = owners.of_shard(shard);
  if (!std::filesystem::exists(owner.database->file)) {
    std::cerr << owner.database->file.string() << " is not there: the shard " << shard << " of " << name.protocol
              << " lies with node " << owner.node->node
              << ", which has not run on this machine, or in another folder\n";
    return failed;
  }
  const auto entity = storage::find_entity(owner.database->file, key);
  if (!entity) {
    std::cerr << name.protocol << '/' << name.key << " is not in " << owner.database->file.string() << " (node "
              << owner.node->node << ", shard " << shard << ")"
              << (key.is_text() ? "; as a key it is a text: an id has 26 characters, as in an answer's \"id\"" : "")
              << '\n';
    return failed;
  }
  print(name, shard, owner, *entity);
  return done;
}

}  // namespace

ExitCode move_data(const node::Application& application, const std::vector<std::string>& from,
                   const std::vector<std::string>& to, storage::MoveGoal goal) {
  const auto old_topology = load_topology(application, from);
  const auto new_topology = load_topology(application, to);
  if (!old_topology || !new_topology || !can_run(*old_topology) || !can_run(*new_topology)) return misused;
  if (goal == storage::MoveGoal::finish) {
    const bool old_replaces = replaces_secret(*old_topology);
    if (replaces_secret(*new_topology) || old_replaces) return misused;
  }
  const auto before = node::data_layout(*old_topology);
  const auto after = node::data_layout(*new_topology);
  try {
    storage::DataMove move(before, after, application.name(), goal);
    while (move.step()) {
    }
    if (goal == storage::MoveGoal::abandon) {
      print_abandoned(before, after);
    } else {
      print_moved(move.carried(), before, after);
    }
    return done;
  } catch (const storage::Untrusted& e) {
    std::cerr << e.what() << '\n';
    return misused;
  } catch (const std::exception& e) {
    std::cerr << application.name() << ": " << e.what() << '\n';
    return failed;
  }
}

ExitCode get_entity(const node::Application& application, const std::vector<std::string>& topologies,
                    const std::string& entity) {
  const auto name = parse_entity(entity);
  if (!name) {
    std::cerr << topology::quote(entity)
              << " names no entity; it is PROTOCOL/KEY, such as order/01m7y867..., its key of 1 to "
              << Key::max_text_bytes << " bytes\n";
    return misused;
  }
  const auto topology = load_topology(application, topologies);
  if (!topology || !can_run(*topology)) return misused;
  try {
    return look_up(node::data_layout(*topology), *name);
  } catch (const storage::Untrusted& e) {
    std::cerr << e.what() << '\n';
    return misused;
  } catch (const std::exception& e) {
    std::cerr << application.name() << ": " << e.what() << '\n';
    return failed;
  }
}

}  // namespace troupe::cli
