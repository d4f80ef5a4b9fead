#include "tests/engine/scripted_store.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

class MapSnapshot final : public Snapshot {
 public:
  explicit MapSnapshot(const std::map<Key, StoredState>& rows) : rows_(rows) {}
  void scan(const Scan&, const Visit& visit) override {
    for (auto it = rows_.rbegin(); it != rows_.rend(); ++it) {
      if (it->second.body && !visit(it->first, it->second.layout, *it->second.body)) return;
    }
  }

 private:
  const std::map<Key, StoredState>& rows_;
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
    for (auto& i : request.inbox) inbox[{request.key, i.operation}] = i;
    for (auto& s : request.sends) outbox.push_back({request.key, s});
  }
  request.done();
}

void ScriptedStore::query(QueryRequest& request) {
  worker_->post([this, &request] {
    MapSnapshot snapshot(rows);
    request.status = StoreStatus::done;
    request.read(snapshot);
    request.done();
  });
}

void ScriptedStore::acknowledge(const Key& sender, std::uint64_t sequence) {
  std::erase_if(outbox, [&](const PendingSend& s) { return s.sender == sender && s.row.sequence == sequence; });
}

}  // namespace troupe::engine
