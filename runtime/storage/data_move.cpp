#include "runtime/storage/data_move.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "runtime/storage/detail/folder_lock.hpp"
#include "runtime/storage/detail/move_files.hpp"
#include "runtime/storage/detail/move_journal.hpp"
#include "runtime/storage/detail/node_database.hpp"
#include "runtime/storage/misplaced.hpp"
#include "runtime/storage/shared_secret.hpp"
#include "runtime/wire/hash.hpp"

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

/// What two moves must have in common to be the same.
std::string digest_of(const Layout& from, const Layout& to) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += std::to_string(part.size()) + ':' + part; };
  for (const auto* layout : {&from, &to}) {
    add(layout->topology);
    add(std::to_string(layout->hash));
    for (const auto& node : layout->nodes) {
      add(node.node);
      add(node.folder.string());
      for (const auto& place : node.places) {
        add(place.protocol);
        add(place.database.string());
        add(std::to_string(place.shards));
        add(to_text(place.held));
      }
    }
  }
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(wire::stable_hash(text)));
  return digits;
}

/// One data folder that the move touches.
struct Folder {
  fs::path path;
  const NodePlaces* before = nullptr;  ///< null: no node of the old layout has it
  const NodePlaces* after = nullptr;
  std::unique_ptr<FolderLock> lock;
  std::vector<std::unique_ptr<FolderLock>> databases;  ///< of those that lie elsewhere
  std::unique_ptr<NodeDatabase> database;
};

}  // namespace

class DataMove::Parts {
 public:
  Parts(Layout from, Layout to, std::string application)
      : from_(std::move(from)),
        to_(std::move(to)),
        application_(std::move(application)),
        journal_(to_.data),
        mark_{digest_of(from_, to_), from_.files, to_.files} {
    gather_folders();
    for (auto& [path, folder] : folders_) {
      if (folder.after) make_folder(to_.data, folder.after->node);
      folder.lock = std::make_unique<FolderLock>(path);
      folder.database = std::make_unique<NodeDatabase>(path);
    }
    lock_databases();
    if (auto begun = journal_.read()) plan_ = std::move(*begun);
    if (!plan_.mark.digest.empty()) refuse_another(plan_.mark);
    for (auto& [path, folder] : folders_) check(folder);
    schedule();
  }

  bool step() {
    if (steps_.empty()) return false;
    const auto next = std::move(steps_.front());
    steps_.pop_front();
    next();
    return true;
  }

  const std::vector<Carried>& carried() const { return plan_.carried; }

 private:
  using Step = std::function<void()>;

  void gather_folders() {
    for (const auto& node : from_.nodes) {
      if (fs::exists(node.folder / "node.db")) {
        folders_[node.folder].before = &node;
      } else if (!node.places.empty()) {
        throw std::runtime_error("there is no data of node " + node.node + " in " + node.folder.string() +
                                 "; a move needs the folders of all nodes of " + from_.files +
                                 " on this machine: bring them here, or start a node that never ran");
      }
    }
    for (const auto& node : to_.nodes) {
      if (!node.places.empty() || fs::exists(node.folder / "node.db")) folders_[node.folder].after = &node;
    }
    for (auto& [path, folder] : folders_) folder.path = path;
  }

  void lock_databases() {
    std::set<fs::path> locked;
    for (auto& [path, folder] : folders_) {
      for (const auto* node : {folder.before, folder.after}) {
        if (!node) continue;
        for (const auto& place : node->places) {
          if (lies_in(place.database, path) || !locked.insert(place.database).second) continue;
          folder.databases.push_back(FolderLock::of_database(place.database));
        }
      }
    }
  }

  void refuse_another(const MoveMark& begun) const {
    if (begun.digest == mark_.digest) return;
    throw std::runtime_error(
        "another move was begun on this data and is not finished, or a topology was changed "
        "since; first finish `" +
        move_command(application_, begun.from, begun.to) + "`, with both topologies as they were");
  }

  void check(const Folder& folder) const {
    const auto record = folder.database->record();
    if (record.move) return refuse_another(*record.move);
    if (!plan_.mark.digest.empty() || !record.owner) return;
    const auto& owner = *record.owner;
    const auto& layout = folder.before ? from_ : to_;
    const auto& node = folder.before ? folder.before->node : folder.after->node;
    if (owner.topology == layout.topology && owner.node == node) return;
    throw std::runtime_error(folder.path.string() + " holds the data of node " + owner.node + " of topology " +
                             owner.topology + ", not of node " + node + " of " + layout.topology + " in " +
                             layout.files + "; name the topology that the data was written with");
  }

  void schedule() {
    if (plan_.mark.digest.empty()) {
      steps_.push_back([this] { look(); });
      return;
    }
    schedule_marks();
    schedule_from(plan_.phase);
  }

  /// Before anything changes.
  void look() {
    std::set<std::string> protocols;
    for (const auto* layout : {&from_, &to_}) {
      for (auto& name : layout->protocols()) protocols.insert(std::move(name));
    }
    std::string faults;
    for (const auto& protocol : protocols) {
      auto found = survey(from_, to_, protocol);
      for (const auto& fault : found.faults) faults += (faults.empty() ? "" : "\n") + fault;
      std::ranges::move(found.carried, std::back_inserter(plan_.carried));
      plan_.expected.merge(found.expected);
    }
    if (!faults.empty()) {
      for (auto& [path, folder] : folders_) folder.database->unmark();
      throw std::runtime_error(faults);
    }
    plan_.mark = mark_;
    schedule_marks();
    steps_.push_back([this] { journal_.begin(plan_); });
    schedule_from(MovePhase::copying);
  }

  /// From here on no node starts on these folders.
  void schedule_marks() {
    if (plan_.phase == MovePhase::recording) return;
    for (auto& [path, folder] : folders_) {
      steps_.push_back([this, database = folder.database.get()] { database->mark(mark_); });
    }
  }

  void schedule_from(MovePhase phase) {
    if (phase == MovePhase::copying) {
      schedule_copies();
      steps_.push_back([this] { journal_.enter(MovePhase::clearing); });
    }
    if (phase != MovePhase::recording) {
      for (const auto& carried : plan_.carried) {
        steps_.push_back([this, &carried] { clear_source(to_, carried); });
      }
      steps_.push_back([this] { journal_.enter(MovePhase::recording); });
    }
    steps_.push_back([this] { carry_secrets(); });
    for (auto& [path, folder] : folders_) steps_.push_back([this, &folder = folder] { keep_record(folder); });
    steps_.push_back([this] { journal_.end(); });
  }

  void schedule_copies() {
    for (const auto& carried : plan_.carried) {
      steps_.push_back([&carried] { prepare_destination(carried); });
      for (const auto& table : tables_of(carried)) {
        steps_.push_back([this, &carried, table] { copy_table(to_, carried, table); });
      }
    }
    std::set<fs::path> verified;
    for (const auto& carried : plan_.carried) {
      if (!verified.insert(carried.destination).second) continue;
      steps_.push_back(
          [this, &carried] { verify_destination(from_, to_, carried, plan_.expected.at(carried.destination)); });
    }
  }

  NodeDatabase& only_node_of(const Layout& layout) { return *folders_.at(layout.nodes.front().folder).database; }

  /// Where nothing is carried, what lies at the destination needs the secrets that it has.
  bool stays_as_it_is(const std::string& name) {
    if (!plan_.carried.empty()) return false;
    if (from_.data != to_.data) return true;
    return to_.secrets.home == SharedSecrets::Home::node_folder ? only_node_of(to_).secret(name).has_value()
                                                                : find_shared_secret(to_.data, name).has_value();
  }

  /// Tokens stay valid, and Idempotency-Keys known.
  void carry_secrets() {
    for (const auto& [name, derived] : from_.secrets.derived) {
      auto value = from_.secrets.home == SharedSecrets::Home::node_folder ? only_node_of(from_).secret(name)
                                                                          : find_shared_secret(from_.data, name);
      if (!value) value = derived;
      if (!value || stays_as_it_is(name)) continue;
      if (to_.secrets.home == SharedSecrets::Home::node_folder) {
        only_node_of(to_).keep_secret(name, *value);
      } else if (to_.secrets.derived.at(name) != value || find_shared_secret(to_.data, name)) {
        replace_shared_secret(to_.data, name, *value);
      }
    }
  }

  /// The folder's new place, without the mark, at once.
  void keep_record(const Folder& folder) {
    const auto before = folder.database->record();
    NodeRecord record = folder.after ? record_of(to_, *folder.after, {}) : NodeRecord{before.owner, {}, {}};
    for (const auto& place : folder.before ? folder.before->places : std::vector<Place>()) {
      const bool kept = std::ranges::any_of(
          record.places, [&](const RecordedPlace& known) { return known.place.protocol == place.protocol; });
      if (!kept) record.places.push_back({place, from_.hash, to_.files});
    }
    folder.database->keep(record);
  }

  const Layout from_;
  const Layout to_;
  const std::string application_;
  MoveJournal journal_;
  const MoveMark mark_;
  std::map<fs::path, Folder> folders_;
  MovePlan plan_;
  std::deque<Step> steps_;
};

DataMove::DataMove(Layout from, Layout to, std::string application)
    : parts_(std::make_unique<Parts>(std::move(from), std::move(to), std::move(application))) {}
DataMove::~DataMove() = default;

bool DataMove::step() { return parts_->step(); }
const std::vector<Carried>& DataMove::carried() const { return parts_->carried(); }

}  // namespace troupe::storage
