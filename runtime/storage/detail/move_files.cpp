#include "runtime/storage/detail/move_files.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "runtime/storage/detail/durable_file.hpp"
#include "runtime/storage/sqlite/detail/database_file.hpp"
#include "runtime/storage/sqlite/detail/store_schema.hpp"

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

using sqlite::Connection;
using sqlite::Tally;

void nothing(Connection&) {}

/// Brought to this program's schema.
Connection open(const fs::path& file) { return sqlite::open_file(file, sqlite::store_schema(), &nothing).connection; }

std::string counted(const Tally& tally) {
  return std::to_string(tally.rows) + " rows (" + std::to_string(tally.entities) + " entities)";
}

bool belongs_to(const Owners& owners, const Key& key, const fs::path& file) {
  return !owners.empty() && owners.of(key).place->database == file;
}

/// One file of a protocol while it is looked over.
struct Looked {
  fs::path file;
  std::string node;
  std::map<std::uint64_t, Tally> at_home;  ///< by the new shard: rows where the old layout has them
  std::map<std::uint64_t, Tally> misplaced;
  std::optional<sqlite::IndexSet> indexes;  ///< of a file with rows
};

class Surveyor {
 public:
  Surveyor(const Layout& from, const Layout& to, const std::string& protocol)
      : from_(from), to_(to), protocol_(protocol), before_(from, protocol), after_(to, protocol) {}

  Survey run() {
    for (const auto* layout : {&from_, &to_}) {
      for (const auto& node : layout->nodes) {
        if (const auto* place = node.find(protocol_)) look_at(place->database, node.node);
      }
    }
    for (const auto& looked : files_) plan(looked);
    for (const auto& looked : files_) check_misplaced(looked);
    check_indexes();
    keep_what_is_needed();
    return std::move(survey_);
  }

 private:
  void look_at(const fs::path& file, const std::string& node) {
    const auto known = [&](const Looked& looked) { return looked.file == file; };
    if (std::ranges::any_of(files_, known) || !fs::exists(file)) return;
    Looked looked{file, node, {}, {}, {}};
    sqlite::explained(file, [&] {
      auto connection = open(file);
      constexpr std::uint64_t stray = std::uint64_t{1} << 63;
      const auto parts = sqlite::tally(connection, [&](const Key& key) {
        const std::uint64_t shard = after_.empty() ? 0 : after_.shard_of(key);
        return belongs_to(before_, key, file) ? shard : shard | stray;
      });
      for (const auto& [part, tally] : parts) {
        (part & stray ? looked.misplaced : looked.at_home)[part & ~stray] = tally;
      }
      if (!parts.empty()) looked.indexes = sqlite::stored_indexes(connection);
    });
    files_.push_back(std::move(looked));
  }

  void plan(const Looked& looked) {
    if (after_.empty() && !looked.at_home.empty()) {
      survey_.faults.push_back(looked.file.string() + " holds rows of " + protocol_ + ", which no node of " +
                               to_.files + " hosts; let one host it");
      return;
    }
    std::map<fs::path, Carried> by_destination;
    for (const auto& [shard, tally] : looked.at_home) {
      const auto& owner = after_.of_shard(static_cast<std::uint32_t>(shard));
      survey_.expected[owner.place->database][shard] += tally;
      if (owner.place->database == looked.file) continue;
      Carried& carried = by_destination[owner.place->database];
      carried.to_node = owner.node->node;
      carried.shards.push_back(static_cast<std::uint32_t>(shard));
      carried.entities += tally.entities;
      carried.rows += tally.rows;
    }
    for (auto& [destination, carried] : by_destination) {
      carried.protocol = protocol_;
      carried.from_node = looked.node;
      carried.source = looked.file;
      carried.destination = destination;
      survey_.carried.push_back(std::move(carried));
    }
  }

  /// Rows where the old layout has none would be mixed with those that arrive, or be left behind.
  void check_misplaced(const Looked& looked) {
    if (looked.misplaced.empty() || survey_.carried.empty()) return;
    Tally sum;
    for (const auto& [shard, tally] : looked.misplaced) sum += tally;
    survey_.faults.push_back(looked.file.string() + " holds " + counted(sum) + " of " + protocol_ + " that " +
                             from_.files + " does not place there; move that file away if they are not needed");
  }

  void check_indexes() {
    const Looked* first = nullptr;
    for (const auto& looked : files_) {
      if (!looked.indexes) continue;
      if (!first) first = &looked;
      if (*looked.indexes == *first->indexes || survey_.carried.empty()) continue;
      survey_.faults.push_back(first->file.string() + " and " + looked.file.string() +
                               " were last written by different versions of the program; start the nodes of " +
                               from_.files + " once more, with the same program");
    }
  }

  void keep_what_is_needed() {
    std::erase_if(survey_.expected, [&](const auto& entry) {
      return std::ranges::none_of(survey_.carried, [&](const Carried& c) { return c.destination == entry.first; });
    });
  }

  const Layout& from_;
  const Layout& to_;
  const std::string& protocol_;
  const Owners before_;
  const Owners after_;
  std::vector<Looked> files_;
  Survey survey_;
};

std::string difference(const Expected& expected, const std::map<std::uint64_t, Tally>& found) {
  std::set<std::uint64_t> shards;
  for (const auto& [shard, tally] : expected) shards.insert(shard);
  for (const auto& [shard, tally] : found) shards.insert(shard);
  for (const auto shard : shards) {
    const auto wanted = expected.find(shard);
    const auto got = found.find(shard);
    const Tally a = wanted == expected.end() ? Tally{} : wanted->second;
    const Tally b = got == found.end() ? Tally{} : got->second;
    if (a == b) continue;
    return "shard " + std::to_string(shard) + " came out as " + counted(b) + " instead of " + counted(a) +
           (a.rows == b.rows ? ", with other contents" : "");
  }
  return {};
}

/// Deletes the rows whose keys belong to part 1.
void remove_rows(Connection& connection, const sqlite::PartOf& part_of) {
  sqlite::define_part_of(connection, part_of);
  sqlite::Transaction transaction(connection);
  for (const auto& table : sqlite::keyed_tables(connection)) {
    connection.execute("DELETE FROM " + table.name + " WHERE part_of(" + table.key + ") = 1");
  }
  transaction.commit();
}

bool holds_rows(Connection& connection) {
  return std::ranges::any_of(sqlite::keyed_tables(connection), [&](const sqlite::KeyedTable& table) {
    return connection.integer("SELECT EXISTS (SELECT 1 FROM " + table.name + ")") != 0;
  });
}

bool is_place_of(const Layout& layout, const Carried& carried) {
  return std::ranges::any_of(layout.nodes, [&](const NodePlaces& node) {
    const auto* place = node.find(carried.protocol);
    return place && place->database == carried.source;
  });
}

}  // namespace

Survey survey(const Layout& from, const Layout& to, const std::string& protocol) {
  return Surveyor(from, to, protocol).run();
}

void prepare_destination(const Carried& carried) {
  const auto indexes = sqlite::explained(carried.source, [&] {
    auto source = open(carried.source);
    return sqlite::stored_indexes(source);
  });
  sqlite::open_file(carried.destination, sqlite::store_schema(), [&](Connection& connection) {
    if (sqlite::stored_indexes(connection) != indexes && !holds_rows(connection)) {
      sqlite::adopt_indexes(connection, indexes);
    }
  });
}

std::vector<std::string> tables_of(const Carried& carried) {
  return sqlite::explained(carried.source, [&] {
    auto source = open(carried.source);
    std::vector<std::string> names;
    for (const auto& table : sqlite::keyed_tables(source)) names.push_back(table.name);
    return names;
  });
}

void copy_table(const Layout& to, const Carried& carried, const std::string& table) {
  const Owners owners(to, carried.protocol);
  sqlite::explained(carried.destination, [&] {
    Connection connection(carried.source, Connection::Mode::read_write);
    {
      auto attach = connection.prepare("ATTACH ?1 AS destination");
      const std::string file = carried.destination.string();
      attach.bind_text(1, file);
      attach.run();
    }
    connection.execute("PRAGMA destination.synchronous = FULL");
    sqlite::define_part_of(connection, [&](const Key& key) -> std::uint64_t {
      return owners.of(key).place->database == carried.destination ? 1 : 0;
    });
    const auto tables = sqlite::keyed_tables(connection);
    const auto found = std::ranges::find(tables, table, &sqlite::KeyedTable::name);
    sqlite::Transaction transaction(connection);
    connection.execute("INSERT OR IGNORE INTO destination." + table + " SELECT * FROM main." + table +
                       " WHERE part_of(" + found->key + ") = 1");
    transaction.commit();
  });
}

void verify_destination(const Layout& from, const Layout& to, const Carried& carried, const Expected& expected) {
  const Owners before(from, carried.protocol);
  const Owners after(to, carried.protocol);
  const fs::path& file = carried.destination;
  sqlite::explained(file, [&] {
    Connection connection(file, Connection::Mode::read_write);
    connection.checkpoint();
    // A file may give rows as well as get some: what it gives is cleared only after all has arrived.
    constexpr std::uint64_t leaving = std::uint64_t{1} << 63;
    auto found = sqlite::tally(connection, [&](const Key& key) -> std::uint64_t {
      const bool leaves = after.of(key).place->database != file && belongs_to(before, key, file);
      return after.shard_of(key) | (leaves ? leaving : 0);
    });
    std::erase_if(found, [](const auto& part) { return (part.first & leaving) != 0; });
    const std::string wrong = difference(expected, found);
    if (wrong.empty()) return;
    remove_rows(connection, [&](const Key& key) -> std::uint64_t { return belongs_to(before, key, file) ? 0 : 1; });
    throw std::runtime_error("what was copied to " + file.string() + " is not what was there: " + wrong +
                             "; nothing was removed from " + carried.source.string() +
                             "; check the disk and make the move again");
  });
}

void clear_source(const Layout& to, const Carried& carried) {
  const fs::path& file = carried.source;
  if (!fs::exists(file)) return;
  const Owners owners(to, carried.protocol);
  const bool left = sqlite::explained(file, [&] {
    auto connection = open(file);
    remove_rows(connection,
                [&](const Key& key) -> std::uint64_t { return owners.of(key).place->database == file ? 0 : 1; });
    return holds_rows(connection);
  });
  if (left || is_place_of(to, carried)) return;
  sqlite::remove_file(file);
  sync_to_disk(file.parent_path());
}

}  // namespace troupe::storage
