#include "tests/engine/scripted_store.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::engine {

namespace {

using IndexRows = std::map<Key, std::map<std::uint16_t, IndexValue>>;

class MapSnapshot final : public Snapshot {
 public:
  MapSnapshot(const std::map<Key, StoredState>& rows, const IndexRows& indexes, const std::vector<DeadLetter>& letters)
      : rows_(rows), indexes_(indexes), letters_(letters) {}

  void scan(const Scan& scan, const Visit& visit) override {
    std::vector<ScannedRow> found;
    for (const auto& [key, row] : rows_) {
      ScannedRow scanned{key, row.layout, {}, {}};
      if (scan.by) scanned.value = value_of(*scan.by, key);
      if (row.body && matches(scan, scanned)) found.push_back(std::move(scanned));
    }
    std::ranges::stable_sort(found, {}, &ScannedRow::value);
    if (scan.direction == Direction::descending) std::ranges::reverse(found);
    for (const ScannedRow& row : found) {
      if (!visit({row.key, row.layout, *rows_.at(row.key).body, row.value})) return;
    }
  }

  void dead_letters(const DeadLetterScan& scan, const std::function<bool(const DeadLetter&)>& visit) override {
    std::map<Uuid, const DeadLetter*> found;
    for (const auto& letter : letters_) {
      const Uuid operation = letter.send.operation;
      if (scan.operation ? operation == *scan.operation : operation > scan.after.value_or(Uuid{})) {
        found[operation] = &letter;
      }
    }
    for (const auto& [operation, letter] : found) {
      DeadLetter seen = *letter;
      if (!scan.operation) seen.send.body.clear();
      if (!visit(seen)) return;
    }
  }

 private:
  std::optional<IndexValue> value_of(std::uint16_t index, const Key& key) const {
    const auto values = indexes_.find(key);
    if (values == indexes_.end()) return std::nullopt;
    const auto value = values->second.find(index);
    return value == values->second.end() ? std::nullopt : std::optional(value->second);
  }

  bool matches(const Scan& scan, const ScannedRow& row) const {
    if (scan.by && !row.value) return false;
    if (scan.at_most && *row.value > *scan.at_most) return false;
    if (scan.after) {
      const auto place = std::pair(row.value, row.key);
      const auto after = std::pair(scan.after_value, *scan.after);
      if (scan.direction == Direction::descending ? place >= after : place <= after) return false;
    }
    if (!scan.index) return true;
    const auto value = value_of(*scan.index, row.key);
    if (!value) return false;
    if (scan.equals) return *value == *scan.equals;
    return !scan.contains || std::get<std::string>(*value).find(*scan.contains) != std::string::npos;
  }

  const std::map<Key, StoredState>& rows_;
  const IndexRows& indexes_;
  const std::vector<DeadLetter>& letters_;
};

}  // namespace

template <class Request>
bool ScriptedStore::refused(Request& request) const {
  if (!is_down_) return false;
  request.status = StoreStatus::unavailable;
  request.detail = "its lane is down";
  request.done();
  return true;
}

void ScriptedStore::refuse_held() {
  for (auto* request : std::exchange(waiting_, {})) refused(*request);
  for (auto* request : std::exchange(waiting_moves_, {})) refused(*request);
  for (auto* request : std::exchange(waiting_loads_, {})) refused(*request);
}

void ScriptedStore::crash(std::string what) {
  worker_->post([this, what = std::move(what)] { lane_crashed(what); });
}

void ScriptedStore::lane_crashed(const std::string& what) {
  is_down_ = true;
  refuse_held();
  if (watcher_.crashed) watcher_.crashed(what);
}

bool ScriptedStore::begin_lane(LaneWatcher watcher) {
  watcher_ = std::move(watcher);
  if (!is_down_) return true;
  worker_->post([this, begun = watcher_.begun] {
    is_down_ = !refuses_to_begin.empty();
    if (!is_down_) ++lanes_begun;
    begun(refuses_to_begin);
  });
  return false;
}

void ScriptedStore::end_lane(LaneEnd how, std::function<void()> ended) {
  lanes_ended.push_back(how);
  is_down_ = is_down_ || how == LaneEnd::at_once;
  if (is_down_) refuse_held();
  worker_->post([this, ended = std::move(ended)] {
    is_down_ = true;
    ended();
  });
}

void ScriptedStore::release_loads() {
  loads_held = false;
  for (auto* request : std::exchange(waiting_loads_, {})) load(*request);
}

void ScriptedStore::load(LoadRequest& request) {
  if (loads_held && !is_down_) return waiting_loads_.push_back(&request);
  worker_->post([this, &request] {
    if (refused(request)) return;
    ++loads;
    request.status = StoreStatus::done;
    if (!next_loads.empty()) {
      request.status = next_loads.front();
      next_loads.pop_front();
      request.detail = "as scripted";
    } else if (request.operation) {
      if (auto it = inbox.find({request.key, *request.operation}); it != inbox.end()) request.found = it->second;
    } else if (auto it = rows.find(request.key); it != rows.end()) {
      request.state = it->second;
    }
    request.done();
  });
}

void ScriptedStore::commit(CommitRequest& request) {
  if (held && !is_down_) {
    waiting_.push_back(&request);
    return;
  }
  worker_->post([this, &request] { apply(request); });
}

void ScriptedStore::release() {
  held = false;
  while (!waiting_.empty()) {
    auto* request = waiting_.front();
    waiting_.pop_front();
    worker_->post([this, request] { apply(*request); });
  }
  for (auto* request : std::exchange(waiting_moves_, {})) move(*request);
}

void ScriptedStore::apply(CommitRequest& request) {
  if (refused(request)) return;
  ++commits;
  request.status = StoreStatus::done;
  const std::string crashes_with = std::exchange(crashes_at_commit, {});
  if (!crashes_with.empty()) {
    request.status = StoreStatus::unknown;
    request.detail = crashes_with;
  } else if (!next_commits.empty()) {
    request.status = next_commits.front();
    next_commits.pop_front();
    request.detail = "as scripted";
  }
  const bool hidden = request.status == StoreStatus::unknown && keep_unknown;
  if (hidden) request.status = StoreStatus::done;
  StoredState& row = rows[request.key];
  if (request.status == StoreStatus::done && row.version != request.expected_version) {
    request.status = StoreStatus::fenced;
  }
  if (request.status == StoreStatus::done) {
    ++row.version;
    row.layout = request.layout;
    if (request.state == CommitRequest::State::put) row.body = request.body;
    if (request.state == CommitRequest::State::erase) row.body.reset();
    for (auto& change : request.tables) {
      std::erase_if(row.rows, [&](const TableRow& r) { return r.table == change.table && r.item == change.item; });
      if (change.body) row.rows.push_back({change.table, change.item, *change.body});
    }
    for (auto& change : request.indexes) {
      indexes[request.key].erase(change.index);
      if (change.after) indexes[request.key].emplace(change.index, std::move(*change.after));
    }
    for (auto& i : request.inbox) inbox[{request.key, i.operation}] = i;
    for (auto& s : request.sends) outbox.push_back({request.key, s});
    const bool sends = std::ranges::find(outbox, request.key, &PendingSend::sender) != outbox.end() ||
                       std::ranges::find(letters, request.key, &DeadLetter::sender) != letters.end();
    request.row_is_gone = request.state == CommitRequest::State::erase && !sends;
    if (request.row_is_gone) rows.erase(request.key);
  }
  if (hidden) request.status = StoreStatus::unknown;
  request.done();
  if (!crashes_with.empty()) lane_crashed(crashes_with);
}

void ScriptedStore::query(QueryRequest& request) {
  worker_->post([this, &request] {
    if (refused(request)) return;
    MapSnapshot snapshot(rows, indexes, letters);
    request.status = StoreStatus::done;
    if (!next_queries.empty()) {
      request.status = next_queries.front();
      next_queries.pop_front();
      request.detail = "as scripted";
    } else {
      try {
        request.read(snapshot);
      } catch (const std::exception& e) {
        request.status = StoreStatus::corrupt;
        request.detail = e.what();
      }
    }
    request.done();
  });
}

void ScriptedStore::acknowledge(const Key& sender, std::uint64_t sequence) {
  if (!fails_to_acknowledge.empty()) throw std::runtime_error(std::exchange(fails_to_acknowledge, {}));
  std::erase_if(outbox, [&](const PendingSend& s) { return s.sender == sender && s.row.sequence == sequence; });
}

void ScriptedStore::move(DeadLetterMove& request) {
  if (held && !is_down_) return waiting_moves_.push_back(&request);
  if (!worker_) return request.done();  // it is closing
  worker_->post([this, &request] {
    if (refused(request)) return;
    ++moves;
    request.status = StoreStatus::done;
    request.found = false;
    if (!next_moves.empty()) {
      request.status = next_moves.front();
      next_moves.pop_front();
      request.detail = "as scripted";
    }
    if (request.status == StoreStatus::done) apply(request);
    request.done();
  });
}

void ScriptedStore::apply(DeadLetterMove& request) {
  DeadLetter& asked = request.letter;
  if (request.action == DeadLetterMove::Action::bury) {
    const auto send = std::ranges::find_if(outbox, [&](const PendingSend& each) {
      return each.sender == asked.sender && each.row.sequence == asked.send.sequence;
    });
    request.found = send != outbox.end();
    if (!request.found) return;
    letters.push_back({send->sender, send->row, asked.attempts, asked.reason, asked.died_at});
    outbox.erase(send);
    return;
  }
  const auto letter = std::ranges::find_if(
      letters, [&](const DeadLetter& each) { return each.send.operation == asked.send.operation; });
  request.found = letter != letters.end();
  if (!request.found) return;
  asked = *letter;
  letters.erase(letter);
  if (request.action == DeadLetterMove::Action::revive) outbox.push_back({asked.sender, asked.send});
}

}  // namespace troupe::engine
