#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/storage/data_folder.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>
#include <troupe/testing/temporary_folder.hpp>

namespace troupe::storage::test {

/// A folder in memory, where the system has a place for it: what a sync costs is not what these tests look at.
class TempFolder : public testing::TemporaryFolder {
 public:
  TempFolder();
};

/// A request that a test can wait for.
template <class Base>
class Awaited final : public Base {
 public:
  void done() override { done_.set_value(); }
  void wait() { future_.wait(); }
  bool is_done() const { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::promise<void> done_;
  std::future<void> future_ = done_.get_future();
};

using Commit = Awaited<CommitRequest>;
using Load = Awaited<LoadRequest>;
using LetterMove = Awaited<DeadLetterMove>;

class Query final : public QueryRequest {
 public:
  explicit Query(std::function<void(Snapshot&)> work) : work_(std::move(work)) {}
  void read(Snapshot& snapshot) override { work_(snapshot); }
  void done() override { done_.set_value(); }
  void wait() { done_.get_future().wait(); }

 private:
  std::function<void(Snapshot&)> work_;
  std::promise<void> done_;
};

/// Declares the protocol "thing".
StoreDeclaration thing(std::vector<IndexDeclaration> indexes = {});
Key id_key(std::uint64_t number);
Uuid uuid(std::uint64_t number);

/// A commit that puts this body, over the given version.
std::unique_ptr<Commit> put(Key key, std::uint64_t over_version, std::string body);
/// A commit that erases the entity, over the given version.
std::unique_ptr<Commit> erase(Key key, std::uint64_t over_version);
OutboxRow send_row(std::uint64_t sequence);

/// Commits and waits.
StoreStatus run(Store& store, Commit& commit);
/// Moves a dead letter and waits.
StoreStatus run(Store& store, LetterMove& move);
/// Commits all at once and waits for all.
void run_all(Store& store, const std::vector<std::unique_ptr<Commit>>& commits);
StoredState load(Store& store, const Key& key);
std::optional<InboxRow> find_operation(Store& store, const Key& key, Uuid operation);
/// The keys of a scan, at most `limit`.
std::vector<Key> scan_keys(Store& store, const Scan& scan, std::size_t limit = SIZE_MAX);

/// One job runs when the test says so: what is handed in meanwhile becomes one group.
class ManualWorkers final : public loop::WorkerFactory {
 public:
  std::unique_ptr<loop::Worker> make(std::string name) override;

  /// Runs the jobs of all workers until there are none.
  void run();

 private:
  class ManualWorker;
  std::vector<ManualWorker*> alive_;
};

/// A store in a fresh folder, which may be closed and opened again.
class Opened {
 public:
  explicit Opened(StoreDeclaration declaration = thing(), StoreLimits limits = {});
  ~Opened();

  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  void reopen();
  void reopen(StoreDeclaration declaration);
  void close();
  std::filesystem::path file() const;
  const std::filesystem::path& data() const { return folder_.path(); }
  /// Runs the store's jobs on this thread from now on, when told to; for stores opened later.
  ManualWorkers& use_manual_workers();
  const std::vector<std::string>& fatal() const { return fatal_; }
  /// "protocol: why" of each time that commits began to fail, without a reason where they worked again.
  const std::vector<std::string>& troubles() const { return troubles_; }

 private:
  void open();

  TempFolder folder_;
  StoreDeclaration declaration_;
  StoreLimits limits_;
  std::unique_ptr<loop::WorkerFactory> threads_ = loop::thread_workers();
  ManualWorkers manual_;
  loop::WorkerFactory* workers_ = threads_.get();
  std::vector<std::string> fatal_;
  std::vector<std::string> troubles_;
  std::unique_ptr<DataFolder> data_;
  std::unique_ptr<SqliteStoreFactory> factory_;
  std::unique_ptr<Store> store_;
};

/// Runs SQL on a file from outside the store; the first column of the first row.
std::string sql(const std::filesystem::path& file, const std::string& text);

/// The text that opening fails with.
std::string refusal_of(const std::function<void()>& open);

}  // namespace troupe::storage::test
