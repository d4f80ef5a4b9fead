#include <troupe/storage/data_move.hpp>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include <troupe/storage/detail/move_files.hpp>
#include <troupe/storage/detail/move_folders.hpp>
#include <troupe/storage/detail/move_journal.hpp>
#include <troupe/storage/detail/move_survey.hpp>
#include <troupe/storage/file_owner.hpp>
#include <troupe/storage/misplaced.hpp>
#include <troupe/storage/shared_secret.hpp>
#include <troupe/wire/hash.hpp>

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
      for (const auto& database : node.databases) {
        add(database.protocol);
        add(database.file.string());
        add(std::to_string(database.shards));
        add(to_text(database.held));
      }
    }
  }
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(wire::stable_hash(text)));
  return digits;
}

}  // namespace

class DataMove::Parts {
 public:
  Parts(Layout from, Layout to, std::string application, MoveGoal goal)
      : from_(std::move(from)),
        to_(std::move(to)),
        application_(std::move(application)),
        journal_(to_.data),
        mark_{digest_of(from_, to_), from_.files, to_.files},
        folders_(from_, to_, goal) {
    if (auto plan = journal_.read()) plan_ = std::move(*plan);
    const auto marks = folders_.marks();
    if (is_planned()) refuse_another(plan_.mark);
    for (const auto& mark : marks) refuse_another(mark);
    const bool begun = is_planned() || !marks.empty();
    if (goal == MoveGoal::abandon && !begun) refuse_to_abandon_nothing();
    if (!is_planned()) folders_.check_owners();
    if (goal == MoveGoal::abandon) {
      schedule_abandoning();
    } else {
      schedule();
    }
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

  bool is_planned() const { return !plan_.mark.digest.empty(); }

  void refuse_another(const MoveMark& begun) const {
    if (begun.digest == mark_.digest) return;
    throw std::runtime_error(
        "another move was begun on this data and is not finished, or a topology was changed "
        "since; first finish `" +
        move_command(application_, begun.from, begun.to) +
        "`, with both topologies as they were, or take it back by the same with --abandon");
  }

  [[noreturn]] void refuse_to_abandon_nothing() const {
    throw std::runtime_error("no move from " + from_.files + " to " + to_.files + " was begun on the data in " +
                             to_.data.string() + ", or it is done; there is nothing to abandon");
  }

  void schedule() {
    if (!is_planned()) {
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
    for (const auto& fault : lost_files()) faults += (faults.empty() ? "" : "\n") + fault;
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

  /// Names the files that the records of the old folders list and that are missing.
  std::vector<std::string> lost_files() const {
    std::vector<std::string> lost;
    for (const auto& [path, folder] : folders_) {
      const auto record = folder.database->record();
      for (const auto& recorded : record.databases) {
        if (!folder.before || !recorded.moved_to.empty()) continue;
        if (auto reason = lost_file(recorded, record); !reason.empty()) lost.push_back(std::move(reason));
      }
    }
    return lost;
  }

  /// As long as nothing was removed, what was copied can go again: the plan last, and then the marks, so that a node
  /// starts only where no copies are left.
  void schedule_abandoning() {
    if (plan_.phase != MovePhase::copying) {
      throw std::runtime_error("the move from " + from_.files + " to " + to_.files +
                               " can't be abandoned any more: all of it has arrived and was verified, and the old "
                               "places are being cleared; finish it by `" +
                               move_command(application_, from_.files, to_.files) + "`");
    }
    steps_.push_back([this] { verify_sources(from_, to_, plan_, Copies::there); });
    for (const auto& carried : plan_.carried) {
      steps_.push_back([this, &carried] { take_back(from_, carried); });
    }
    steps_.push_back([this] { verify_sources(from_, to_, plan_, Copies::removed); });
    steps_.push_back([this] { journal_.end(); });
    for (auto& [path, folder] : folders_) {
      steps_.push_back([&folder = folder] { leave(folder); });
    }
  }

  /// Ends what an abandoned move has to do with a folder. Files that were there for the copies only are gone with them.
  static void leave(const MoveFolder& folder) {
    if (folder.before) return folder.database->unmark();
    NodeRecord record = folder.database->record();
    std::erase_if(record.databases, [&](const RecordedDatabase& known) { return !lost_file(known, record).empty(); });
    record.move.reset();
    folder.database->keep(record);
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
  void keep_record(const MoveFolder& folder) {
    const auto before = folder.database->record();
    NodeRecord record = folder.after ? record_of(to_, *folder.after, {}) : NodeRecord{before.owner, {}, {}};
    for (const auto& database : folder.before ? folder.before->databases : std::vector<ProtocolDatabase>()) {
      const bool kept = folder.after && folder.after->find(database.protocol);
      if (!kept) record.databases.push_back({database, from_.hash, to_.files});
    }
    if (folder.after) {
      for (const auto& database : folder.after->databases) {
        replace_owner(database.file, {to_.topology, folder.after->node, database.protocol});
      }
    }
    folder.database->keep(record);
  }

  const Layout from_;
  const Layout to_;
  const std::string application_;
  MoveJournal journal_;
  const MoveMark mark_;
  MoveFolders folders_;
  MovePlan plan_;
  std::deque<Step> steps_;
};

DataMove::DataMove(Layout from, Layout to, std::string application, MoveGoal goal)
    : parts_(std::make_unique<Parts>(std::move(from), std::move(to), std::move(application), goal)) {}
DataMove::~DataMove() = default;

bool DataMove::step() { return parts_->step(); }
const std::vector<Carried>& DataMove::carried() const { return parts_->carried(); }

}  // namespace troupe::storage
