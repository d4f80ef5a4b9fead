#pragma once

#include <memory>
#include <optional>

#include <troupe/storage/sqlite/detail/commit_queue.hpp>
#include <troupe/storage/sqlite/detail/high_water_mark.hpp>
#include <troupe/storage/sqlite/detail/maintenance.hpp>
#include <troupe/storage/sqlite/detail/read_queue.hpp>

namespace troupe::storage::sqlite {

/// One protocol's SQLite file behind the engine's port.
///
/// A request that is refused at once (overload, closed), or loads what can't be there, is answered inside the call.
/// Errors: opening throws std::runtime_error. Threads: `close` and the destructor not on a thread of the store.
class SqliteStore final : public Store {
 public:
  SqliteStore(const std::filesystem::path& file, const std::optional<FileOwner>& owner,
              const StoreDeclaration& declaration, loop::WorkerFactory& workers,
              const std::shared_ptr<Maintenance>& maintenance, StoreEvents events, const StoreLimits& limits);
  ~SqliteStore() override;

  void load(LoadRequest& request) override;
  void commit(CommitRequest& request) override;
  void query(QueryRequest& request) override { reads_->query(request); }
  std::vector<PendingSend> take_pending_sends() override { return std::exchange(pending_, {}); }
  void acknowledge(const Key& sender, std::uint64_t sequence) override;
  void move(DeadLetterMove& request) override { writes_->move(request); }
  std::uint64_t dead_letters() const override { return writes_->dead_letters(); }
  void close() override;
  std::string trouble() const override { return writes_->trouble(); }

 private:
  void check_whole_file();

  const std::filesystem::path file_;
  const std::shared_ptr<Maintenance::CancellationToken> cancellation_ =
      std::make_shared<Maintenance::CancellationToken>();
  std::vector<PendingSend> pending_;
  std::optional<HighWaterMark> high_water_mark_;
  std::unique_ptr<CommitQueue> writes_;
  std::unique_ptr<ReadQueue> reads_;
};

}  // namespace troupe::storage::sqlite
