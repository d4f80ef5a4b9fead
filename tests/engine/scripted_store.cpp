#include "tests/engine/scripted_store.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

using IndexRows = std::map<Key, std::map<std::uint16_t, IndexValue>>;

class MapSnapshot final : public Snapshot {
 public:
  MapSnapshot(const std::map<Key, StoredState>& rows, const IndexRows& indexes) : rows_(rows), indexes_(indexes) {}

  void scan(const Scan& scan, const Visit& visit) override {
    std::vector<Key> found;
    for (const auto& [key, row] : rows_) {
      if (row.body && matches(scan, key)) found.push_back(key);
    }
    if (scan.at_most) {
      std::ranges::stable_sort(found, {}, [&](const Key& key) { return *value_of(scan, key); });
    }
    if (scan.order == Scan::Order::descending) std::ranges::reverse(found);
    for (const Key& key : found) {
      const auto& row = rows_.at(key);
      if (!visit(key, row.layout, *row.body)) return;
    }
  }

 private:
  const IndexValue* value_of(const Scan& scan, const Key& key) const {
    const auto values = indexes_.find(key);
    if (values == indexes_.end()) return nullptr;
    const auto value = values->second.find(*scan.index);
    return value == values->second.end() ? nullptr : &value->second;
  }

  bool matches(const Scan& scan, const Key& key) const {
    if (scan.after && !(scan.order == Scan::Order::descending ? key < *scan.after : *scan.after < key)) return false;
    if (!scan.index) return true;
    const IndexValue* value = value_of(scan, key);
    if (!value) return false;
    if (scan.equals && *value != *scan.equals) return false;
    if (scan.at_most && *value > *scan.at_most) return false;
    return !scan.contains || std::get<std::string>(*value).find(*scan.contains) != std::string::npos;
  }

  const std::map<Key, StoredState>& rows_;
  const IndexRows& indexes_;
};

}  // namespace

void ScriptedStore::load(LoadRequest& request) {
  worker_->post([this, &request] {
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
  if (held) {
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
}

void ScriptedStore::apply(CommitRequest& request) {
  ++commits;
  request.status = StoreStatus::done;
  if (!next_commits.empty()) {
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
    const bool sends = std::ranges::find(outbox, request.key, &PendingSend::sender) != outbox.end();
    request.row_is_gone = request.state == CommitRequest::State::erase && !sends;
    if (request.row_is_gone) rows.erase(request.key);
  }
  if (hidden) request.status = StoreStatus::unknown;
  request.done();
}

void ScriptedStore::query(QueryRequest& request) {
  worker_->post([this, &request] {
    MapSnapshot snapshot(rows, indexes);
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
  std::erase_if(outbox, [&](const PendingSend& s) { return s.sender == sender && s.row.sequence == sequence; });
}

}  // namespace troupe::engine
