#include <troupe/storage/misplaced.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <troupe/storage/file_owner.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/keyed_rows.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

/// The files of a folder that hold a protocol's rows, or did when it was last written.
std::vector<RecordedPlace> places_in(const fs::path& folder, const NodeRecord& record) {
  auto places = record.places;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".db" || file.filename() == "node.db" || file.filename() == "move.db") continue;
    const auto same = [&](const RecordedPlace& known) { return known.place.database == file; };
    if (std::ranges::none_of(places, same)) places.push_back({{file.stem().string(), file, 0, {}}, 0, {}});
  }
  return places;
}

bool share_shards(const Shards& a, const Shards& b) {
  Shards both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return !both.empty();
}

class Search {
 public:
  Search(const Layout& layout, const NodePlaces& node, const NodeRecord& own, std::string_view application)
      : layout_(layout), node_(node), own_(own), application_(application) {}

  std::vector<std::string> run() {
    if (own_.move) return {unfinished(*own_.move)};
    if (own_.owner && (own_.owner->topology != layout_.topology || own_.owner->node != node_.node)) {
      return {of_another(*own_.owner)};
    }
    if (const auto gone = moved_away(); !gone.empty()) return {gone};
    for (const auto& place : node_.places) look_at_owner(place);
    for (const auto& recorded : places_in(node_.folder, own_)) look_at_own(recorded);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(layout_.data, error)) {
      const fs::path& folder = entry.path();
      if (folder == node_.folder || !entry.is_directory(error)) continue;
      if (const auto record = peek_record(folder)) look_at_neighbour(folder, *record);
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

  void look_at_owner(const Place& place) {
    const auto owner = peek_owner(place.database);
    if (!owner || *owner == FileOwner{layout_.topology, node_.node, place.protocol}) return;
    found_.push_back(place.database.string() + " holds the rows of " + owner->protocol + " of node " + owner->node +
                     " of topology " + owner->topology + ", and this is " + place.protocol + " of node " + node_.node +
                     " of topology " + layout_.topology +
                     "; name another file in [storage], or bring the data here by `" +
                     move_command(application_, {}, layout_.files) + "`");
  }

  void look_at_own(const RecordedPlace& recorded) {
    if (!recorded.moved_to.empty()) return;
    if (Owners(layout_, recorded.place.protocol).empty()) return;
    if (auto lost = lost_file(recorded, own_); !lost.empty()) return found_.push_back(std::move(lost));
    const Place* place = node_.find(recorded.place.protocol);
    const bool unchanged = place && place->database == recorded.place.database &&
                           place->shards == recorded.place.shards && layout_.hash == recorded.hash &&
                           std::ranges::includes(place->held, recorded.place.held);
    if (unchanged) return;
    look_into(recorded, own_, [&](const Owners::Owner& owner) { return owner.place->database; });
  }

  /// Databases that were moved away, and that this node would silently create anew, empty.
  std::string moved_away() const {
    std::string protocols;
    std::string destination;
    for (const auto& recorded : own_.places) {
      const Place* place = node_.find(recorded.place.protocol);
      if (recorded.moved_to.empty() || !place || place->database != recorded.place.database) continue;
      protocols += (protocols.empty() ? "" : ", ") + recorded.place.protocol;
      destination = recorded.moved_to;
    }
    if (protocols.empty()) return {};
    return "the data of " + protocols + " is no longer in " + node_.folder.string() + ": it was moved to " +
           destination + "; run that, move it back by `" + move_command(application_, destination, layout_.files) +
           "`, or remove the folder to start empty";
  }

  void look_at_neighbour(const fs::path& folder, const NodeRecord& record) {
    for (const auto& recorded : places_in(folder, record)) {
      const Place* mine = node_.find(recorded.place.protocol);
      if (!mine || !recorded.moved_to.empty() || mine->database == recorded.place.database) continue;
      const bool comparable = mine->shards == recorded.place.shards && recorded.hash == layout_.hash;
      if (comparable && !share_shards(mine->held, recorded.place.held)) continue;
      // If it is in neither place, another node reports it.
      look_into(recorded, record, [&](const Owners::Owner& owner) {
        return owner.place == mine ? mine->database : recorded.place.database;
      });
    }
  }

  /// `wanted`: the file of a row of this owner, as far as this node is concerned.
  template <class Wanted>
  void look_into(const RecordedPlace& recorded, const NodeRecord& holder, const Wanted& wanted) {
    const Owners owners(layout_, recorded.place.protocol);
    if (owners.empty()) return;
    if (auto lost = lost_file(recorded, holder); !lost.empty()) return found_.push_back(std::move(lost));
    if (recorded.hash > layout_.hash) return found_.push_back(other_hash(recorded));
    const auto parts = sqlite::explained(recorded.place.database, [&] {
      sqlite::Connection connection(recorded.place.database, sqlite::Connection::Mode::read_only);
      return sqlite::count(connection, [&](const Key& key) -> std::uint64_t { return owners.shard_of(key); });
    });
    std::map<const Place*, Part> orphans;
    for (const auto& [shard, tally] : parts) {
      const auto& owner = owners.of_shard(static_cast<std::uint32_t>(shard));
      if (wanted(owner) == recorded.place.database) continue;
      Part& part = orphans[owner.place];
      part.owner = owner;
      part.tally += tally;
      part.shards.insert(static_cast<std::uint32_t>(shard));
    }
    for (const auto& [place, part] : orphans) found_.push_back(orphaned(recorded, holder, part));
  }

  std::string orphaned(const RecordedPlace& recorded, const NodeRecord& holder, const Part& part) const {
    std::string text = std::to_string(part.tally.rows) + " rows (" + std::to_string(part.tally.entities) +
                       " entities) of " + recorded.place.protocol + " lie in " + recorded.place.database.string();
    if (holder.owner) text += ", written by node " + holder.owner->node + " of topology " + holder.owner->topology;
    if (recorded.place.shards != 0 && recorded.place.shards != part.owner.place->shards) {
      text += " with " + std::to_string(recorded.place.shards) + " shards";
    }
    text += "; " + this_file() + " gives them (shards " + to_text(Shards(part.shards.begin(), part.shards.end())) +
            " of " + std::to_string(part.owner.place->shards) + ") to node " + part.owner.node->node + ", " +
            part.owner.place->database.string();
    return text + "; stop all nodes and run `" + command(holder) + "`, or restore the topology";
  }

  std::string other_hash(const RecordedPlace& recorded) const {
    return recorded.place.database.string() + " was placed by version " + std::to_string(recorded.hash) +
           " of the hash, and " + this_file() + " says " + std::to_string(layout_.hash) + "; restore that key";
  }

  const Layout& layout_;
  const NodePlaces& node_;
  const NodeRecord& own_;
  std::string_view application_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> find_misplaced(const Layout& layout, const NodePlaces& node, const NodeRecord& own,
                                        std::string_view application) {
  return Search(layout, node, own, application).run();
}

NodeRecord record_of(const Layout& layout, const NodePlaces& node, const NodeRecord& before) {
  NodeRecord record;
  record.owner = FolderOwner{layout.topology, node.node, layout.files};
  for (const auto& place : node.places) {
    std::error_code error;
    if (fs::exists(place.database, error)) record.places.push_back({place, layout.hash, {}});
  }
  for (const auto& old : before.places) {
    if (!old.moved_to.empty() && !node.find(old.place.protocol)) record.places.push_back(old);
  }
  return record;
}

std::string lost_file(const RecordedPlace& recorded, const NodeRecord& holder) {
  std::error_code error;
  const auto& file = recorded.place.database;
  if (fs::exists(file, error) || fs::exists(given_up_mark(file), error)) return {};
  std::string text = file.string() + " is not there, and holds the rows of " + recorded.place.protocol;
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
