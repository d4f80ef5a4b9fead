#include "tests/storage/support.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::test {

TempFolder::TempFolder() : TemporaryFolder(in_memory()) {}

StoreDeclaration thing(std::vector<IndexDeclaration> indexes) {
  StoreDeclaration declaration;
  declaration.protocol = "thing";
  declaration.indexes = std::move(indexes);
  return declaration;
}

Uuid uuid(std::uint64_t number) { return Uuid{0x0190'0000'0000'7000, number}; }

Key id_key(std::uint64_t number) { return Key(uuid(number)); }

std::unique_ptr<Commit> put(Key key, std::uint64_t over_version, std::string body) {
  auto commit = std::make_unique<Commit>();
  commit->key = std::move(key);
  commit->expected_version = over_version;
  commit->state = CommitRequest::State::put;
  commit->body = std::move(body);
  return commit;
}

std::unique_ptr<Commit> erase(Key key, std::uint64_t over_version) {
  auto commit = std::make_unique<Commit>();
  commit->key = std::move(key);
  commit->expected_version = over_version;
  commit->state = CommitRequest::State::erase;
  return commit;
}

OutboxRow send_row(std::uint64_t sequence) {
  OutboxRow row;
  row.sequence = sequence;
  row.operation = uuid(1000 + sequence);
  row.protocol = "order";
  row.target = Key("{u-7}/x");
  row.message = "Cancel";
  row.body = R"({"reason":"gone"})";
  row.principal = Principal::of_user(uuid(7), "admin");
  row.trace = "00-trace-span-01";
  row.at = Time(std::chrono::milliseconds(1'700'000'000'123));
  return row;
}

StoreStatus run(Store& store, Commit& commit) {
  store.commit(commit);
  commit.wait();
  return commit.status;
}

StoreStatus run(Store& store, LetterMove& move) {
  store.move(move);
  move.wait();
  return move.status;
}

void run_all(Store& store, const std::vector<std::unique_ptr<Commit>>& commits) {
  for (const auto& commit : commits) store.commit(*commit);
  for (const auto& commit : commits) commit->wait();
}

StoredState load(Store& store, const Key& key) {
  Load load;
  load.key = key;
  store.load(load);
  load.wait();
  if (load.status != StoreStatus::done) throw std::runtime_error("load: " + load.detail);
  return load.state;
}

std::optional<InboxRow> find_operation(Store& store, const Key& key, Uuid operation) {
  Load load;
  load.key = key;
  load.operation = operation;
  store.load(load);
  load.wait();
  if (load.status != StoreStatus::done) throw std::runtime_error("load: " + load.detail);
  return load.found;
}

std::vector<Key> scan_keys(Store& store, const Scan& scan, std::size_t limit) {
  std::vector<Key> keys;
  Query query([&](Snapshot& snapshot) {
    snapshot.scan(scan, [&](const ScannedRow& row) {
      keys.push_back(row.key);
      return keys.size() < limit;
    });
  });
  store.query(query);
  query.wait();
  if (query.status != StoreStatus::done) throw std::runtime_error("query: " + query.detail);
  return keys;
}

class ManualWorkers::ManualWorker final : public loop::Worker {
 public:
  explicit ManualWorker(ManualWorkers& all) : all_(all) { all_.alive_.push_back(this); }
  ~ManualWorker() override {
    while (run_one()) {
    }
    std::erase(all_.alive_, this);
  }
  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  bool run_one() {
    if (jobs_.empty()) return false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }

 private:
  ManualWorkers& all_;
  std::deque<std::function<void()>> jobs_;
};

std::unique_ptr<loop::Worker> ManualWorkers::make(std::string) { return std::make_unique<ManualWorker>(*this); }

void ManualWorkers::run() {
  bool ran = true;
  while (ran) {
    ran = false;
    for (std::size_t i = 0; i < alive_.size(); ++i) ran = alive_[i]->run_one() || ran;
  }
}

Opened::Opened(StoreDeclaration declaration, StoreLimits limits)
    : declaration_(std::move(declaration)), limits_(limits) {
  open();
}

Opened::~Opened() { close(); }

void Opened::open() {
  data_ = std::make_unique<DataFolder>(folder_.path(), "main");
  factory_ =
      std::make_unique<SqliteStoreFactory>(*data_, *workers_,
                                           StoreEvents{[this](const std::string& text) { fatal_.push_back(text); },
                                                       [this](const std::string& protocol, const std::string& text) {
                                                         troubles_.push_back(protocol + ": " + text);
                                                       }},
                                           limits_);
  store_ = factory_->open(declaration_);
}

void Opened::close() {
  store_.reset();
  factory_.reset();
  data_.reset();
}

void Opened::reopen() {
  close();
  open();
}

void Opened::reopen(StoreDeclaration declaration) {
  declaration_ = std::move(declaration);
  reopen();
}

std::filesystem::path Opened::file() const { return folder_.path() / "main" / (declaration_.protocol + ".db"); }

ManualWorkers& Opened::use_manual_workers() {
  workers_ = &manual_;
  reopen();
  return manual_;
}

std::string sql(const std::filesystem::path& file, const std::string& text) {
  sqlite::Connection connection(file, sqlite::Connection::Mode::create);
  std::string first;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find(';');
    const auto one = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    auto statement = connection.prepare(one);
    if (statement.step()) first = statement.bytes(0);
  }
  return first;
}

std::string refusal_of(const std::function<void()>& open) {
  try {
    open();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "(it opened)";
}

}  // namespace troupe::storage::test
