#include <troupe/storage/detail/move_survey.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

using sqlite::Tally;

std::string counted(const Tally& tally) {
  return std::to_string(tally.rows) + " rows (" + std::to_string(tally.entities) + " entities)";
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
        if (const auto* database = node.find(protocol_)) look_at(database->file, node.node);
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
      auto connection = open_rows(file);
      constexpr std::uint64_t stray = std::uint64_t{1} << 63;
      const auto parts = sqlite::tally(connection, [&](const Key& key) {
        const std::uint64_t shard = after_.empty() ? 0 : after_.shard_of(key);
        return before_.assigns(key, file) ? shard : shard | stray;
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
      survey_.expected[owner.database->file][shard] += tally;
      if (owner.database->file == looked.file) continue;
      Carried& carried = by_destination[owner.database->file];
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

}  // namespace

Survey survey(const Layout& from, const Layout& to, const std::string& protocol) {
  return Surveyor(from, to, protocol).run();
}

std::string difference(const Expected& expected, const Expected& found) {
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

void verify_sources(const Layout& from, const Layout& to, const MovePlan& plan, Copies copies) {
  std::map<fs::path, Expected> found;
  std::string faults;
  std::set<std::string> protocols;
  for (const auto& carried : plan.carried) protocols.insert(carried.protocol);
  for (const auto& protocol : protocols) {
    auto survey = storage::survey(from, to, protocol);
    found.merge(survey.expected);
    for (const auto& fault : survey.faults) faults += "; " + fault;
  }
  for (const auto& [destination, expected] : plan.expected) {
    const std::string wrong = difference(expected, found[destination]);
    if (wrong.empty()) continue;
    throw std::runtime_error("what was to be carried to " + destination.string() +
                             " does not lie any more where it did when the move began: " + wrong +
                             "; run the move to its end, without --abandon, or restore a backup");
  }
  if (copies == Copies::removed && !faults.empty()) {
    throw std::runtime_error("the move can't be taken back whole" + faults);
  }
}

sqlite::Connection open_rows(const fs::path& file) {
  return sqlite::open_file(file, sqlite::store_schema(), [](sqlite::Connection&) {}).connection;
}

}  // namespace troupe::storage
