#include <troupe/storage/misplaced.hpp>

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <troupe/storage/file_owner.hpp>
#include <troupe/storage/private_file.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/keyed_rows.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

/// The files of a folder that hold a protocol's rows, or did when it was last written.
std::vector<RecordedDatabase> databases_in(const fs::path& folder, const NodeRecord& record) {
  auto databases = record.databases;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".db" || file.filename() == "node.db" || file.filename() == "move.db") continue;
    const auto same = [&](const RecordedDatabase& known) { return known.database.file == file; };
    if (std::ranges::none_of(databases, same)) databases.push_back({{file.stem().string(), file, 0, {}}, 0, {}});
  }
  return databases;
}

bool share_shards(const Shards& a, const Shards& b) {
  Shards both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return !both.empty();
}

/// Nothing where it is another user's, or can't be read by this one: whose it is does not stop this node.
std::optional<NodeRecord> record_of_neighbour(const fs::path& folder) {
  if (::access((folder / "node.db").c_str(), R_OK) != 0) return std::nullopt;
  try {
    return peek_record(folder);
  } catch (const Untrusted&) {
    return std::nullopt;
  }
}

class Search {
 public:
  Search(const Layout& layout, const NodeLayout& node, const NodeRecord& own, std::string_view application)
      : layout_(layout), node_(node), own_(own), application_(application) {}

  std::vector<std::string> run() {
    if (own_.move) return {unfinished(*own_.move)};
    if (own_.owner && (own_.owner->topology != layout_.topology || own_.owner->node != node_.node)) {
      return {of_another(*own_.owner)};
    }
    if (const auto gone = moved_away(); !gone.empty()) return {gone};
    for (const auto& database : node_.databases) look_at_owner(database);
    for (const auto& recorded : databases_in(node_.folder, own_)) look_at_own(recorded);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(layout_.data, error)) {
      const fs::path& folder = entry.path();
      if (folder == node_.folder || !entry.is_directory(error)) continue;
      if (const auto record = record_of_neighbour(folder)) look_at_neighbour(folder, *record);
    }
    return std::move(found_);
  }

 private:
  struct Part {
    sqlite::Tally tally;
    std::set<std::uint32_t> shards;
    Owners::Owner owner;
  };

  std::string this_file() const { return layout_.files.empty() ? "the built-in topology" : layout_.files; }

  std::string command(const NodeRecord& holder) const {
    return move_command(application_, holder.owner ? holder.owner->files : std::string(), layout_.files);
  }

  std::string unfinished(const MoveMark& move) const {
    return "a move of the data in " + node_.folder.string() + " was begun and is not finished; run `" +
           move_command(application_, move.from, move.to) + "` again, or with --abandon to take it back";
  }

  std::string of_another(const FolderOwner& owner) const {
    return node_.folder.string() + " holds the data of node " + owner.node + " of topology " + owner.topology +
           ", and this is node " + node_.node + " of topology " + layout_.topology +
           "; choose another data folder, or bring the data here by `" +
           move_command(application_, owner.files, layout_.files) + "`";
  }

  void look_at_owner(const ProtocolDatabase& database) {
    const auto owner = peek_owner(database.file);
    if (!owner || *owner == FileOwner{layout_.topology, node_.node, database.protocol}) return;
    found_.push_back(database.file.string() + " holds the rows of " + owner->protocol + " of node " + owner->node +
                     " of topology " + owner->topology + ", and this is " + database.protocol + " of node " +
                     node_.node + " of topology " + layout_.topology +
                     "; name another file in [storage], or bring the data here by `" +
                     move_command(application_, {}, layout_.files) + "`");
  }

  void look_at_own(const RecordedDatabase& recorded) {
    if (!recorded.moved_to.empty()) return;
    if (Owners(layout_, recorded.database.protocol).empty()) return;
    if (auto lost = lost_file(recorded, own_); !lost.empty()) return found_.push_back(std::move(lost));
    const ProtocolDatabase* database = node_.find(recorded.database.protocol);
    const bool unchanged = database && database->file == recorded.database.file &&
                           database->shards == recorded.database.shards && layout_.hash == recorded.hash &&
                           std::ranges::includes(database->held, recorded.database.held);
    if (unchanged) return;
    look_into(recorded, own_, [&](const Owners::Owner& owner) { return owner.database->file; });
  }

  /// Databases that were moved away, and that this node would silently create anew, empty.
  std::string moved_away() const {
    std::string protocols;
    std::string destination;
    for (const auto& recorded : own_.databases) {
      const ProtocolDatabase* database = node_.find(recorded.database.protocol);
      if (recorded.moved_to.empty() || !database || database->file != recorded.database.file) continue;
      protocols += (protocols.empty() ? "" : ", ") + recorded.database.protocol;
      destination = recorded.moved_to;
    }
    if (protocols.empty()) return {};
    return "the data of " + protocols + " is no longer in " + node_.folder.string() + ": it was moved to " +
           destination + "; run that, move it back by `" + move_command(application_, destination, layout_.files) +
           "`, or remove the folder to start empty";
  }

  void look_at_neighbour(const fs::path& folder, const NodeRecord& record) {
    for (const auto& recorded : databases_in(folder, record)) {
      const ProtocolDatabase* mine = node_.find(recorded.database.protocol);
      if (!mine || !recorded.moved_to.empty() || mine->file == recorded.database.file) continue;
      const bool comparable = mine->shards == recorded.database.shards && recorded.hash == layout_.hash;
      if (comparable && !share_shards(mine->held, recorded.database.held)) continue;
      // If it is in neither place, another node reports it.
      look_into(recorded, record, [&](const Owners::Owner& owner) {
        return owner.database == mine ? mine->file : recorded.database.file;
      });
    }
  }

  /// `wanted`: the file of a row of this owner, as far as this node is concerned.
  template <class Wanted>
  void look_into(const RecordedDatabase& recorded, const NodeRecord& holder, const Wanted& wanted) {
    const Owners owners(layout_, recorded.database.protocol);
    if (owners.empty()) return;
    if (auto lost = lost_file(recorded, holder); !lost.empty()) return found_.push_back(std::move(lost));
    if (recorded.hash > layout_.hash) return found_.push_back(other_hash(recorded));
    const auto parts = sqlite::explained(recorded.database.file, [&] {
      sqlite::refuse_foreign_database(recorded.database.file);
      sqlite::Connection connection(recorded.database.file, sqlite::Connection::Mode::read_only);
      return sqlite::count(connection, [&](const Key& key) -> std::uint64_t { return owners.shard_of(key); });
    });
    std::map<const ProtocolDatabase*, Part> orphans;
    for (const auto& [shard, tally] : parts) {
      const auto& owner = owners.of_shard(static_cast<std::uint32_t>(shard));
      if (wanted(owner) == recorded.database.file) continue;
      Part& part = orphans[owner.database];
      part.owner = owner;
      part.tally += tally;
      part.shards.insert(static_cast<std::uint32_t>(shard));
    }
    for (const auto& [database, part] : orphans) found_.push_back(orphaned(recorded, holder, part));
  }

  std::string orphaned(const RecordedDatabase& recorded, const NodeRecord& holder, const Part& part) const {
    std::string text = std::to_string(part.tally.rows) + " rows (" + std::to_string(part.tally.entities) +
                       " entities) of " + recorded.database.protocol + " lie in " + recorded.database.file.string();
    if (holder.owner) text += ", written by node " + holder.owner->node + " of topology " + holder.owner->topology;
    if (recorded.database.shards != 0 && recorded.database.shards != part.owner.database->shards) {
      text += " with " + std::to_string(recorded.database.shards) + " shards";
    }
    text += "; " + this_file() + " gives them (shards " + to_text(Shards(part.shards.begin(), part.shards.end())) +
            " of " + std::to_string(part.owner.database->shards) + ") to node " + part.owner.node->node + ", " +
            part.owner.database->file.string();
    return text + "; stop all nodes and run `" + command(holder) + "`, or restore the topology";
  }

  std::string other_hash(const RecordedDatabase& recorded) const {
    return recorded.database.file.string() + " was placed by version " + std::to_string(recorded.hash) +
           " of the hash, and " + this_file() + " says " + std::to_string(layout_.hash) + "; restore that key";
  }

  const Layout& layout_;
  const NodeLayout& node_;
  const NodeRecord& own_;
  std::string_view application_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> find_misplaced(const Layout& layout, const NodeLayout& node, const NodeRecord& own,
                                        std::string_view application) {
  return Search(layout, node, own, application).run();
}

NodeRecord record_of(const Layout& layout, const NodeLayout& node, const NodeRecord& before) {
  NodeRecord record;
  record.owner = FolderOwner{layout.topology, node.node, layout.files};
  for (const auto& database : node.databases) {
    std::error_code error;
    if (fs::exists(database.file, error)) record.databases.push_back({database, layout.hash, {}});
  }
  for (const auto& old : before.databases) {
    if (!old.moved_to.empty() && !node.find(old.database.protocol)) record.databases.push_back(old);
  }
  return record;
}

std::string lost_file(const RecordedDatabase& recorded, const NodeRecord& holder) {
  std::error_code error;
  const auto& file = recorded.database.file;
  if (fs::exists(file, error) || fs::exists(given_up_mark(file), error)) return {};
  std::string text = file.string() + " is not there, and holds the rows of " + recorded.database.protocol;
  if (holder.owner) text += " of node " + holder.owner->node + " of topology " + holder.owner->topology;
  return text + "; mount the disk that it lies on, or restore it from a backup; to go on without these rows, make an " +
         "empty file " + given_up_mark(file).string();
}

std::string move_command(std::string_view application, const std::string& from, const std::string& to) {
  const bool edited = from.empty() || from == to;
  return std::string(application) + " data move --from " + (edited ? "THE-TOPOLOGY-AS-IT-WAS" : from) + " --to " +
         (to.empty() ? "A-FILE-OF-THIS-TOPOLOGY" : to);
}

}  // namespace troupe::storage
