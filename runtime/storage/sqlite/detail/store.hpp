#pragma once

#include <memory>
#include <optional>

#include <troupe/storage/sqlite/detail/newest_id.hpp>
#include <troupe/storage/sqlite/detail/read_lane.hpp>
#include <troupe/storage/sqlite/detail/upkeep.hpp>
#include <troupe/storage/sqlite/detail/write_lane.hpp>

namespace troupe::storage::sqlite {

/// One protocol's SQLite file behind the engine's port.
///
/// A request that is refused at once (overload, closed), or loads what can't be there, is answered inside the call.
/// Errors: opening throws std::runtime_error. Threads: `close` and the destructor not on a thread of the store.
class SqliteStore final : public engine::Store {
 public:
  SqliteStore(const std::filesystem::path& file, const std::optional<FileOwner>& owner,
              const engine::StoreDeclaration& declaration, engine::WorkerFactory& workers,
              const std::shared_ptr<Upkeep>& upkeep, StoreEvents events, const StoreLimits& limits);
  ~SqliteStore() override;

  void load(engine::LoadRequest& request) override;
  void commit(engine::CommitRequest& request) override;
  void query(engine::QueryRequest& request) override { reads_->query(request); }
  std::vector<engine::PendingSend> take_pending_sends() override { return std::exchange(pending_, {}); }
  void acknowledge(const Key& sender, std::uint64_t sequence) override;
  void close() override;
  std::string trouble() const override { return writes_->trouble(); }

 private:
  void check_whole_file();

  const std::filesystem::path file_;
  const std::shared_ptr<Upkeep::Ticket> ticket_ = std::make_shared<Upkeep::Ticket>();
  std::vector<engine::PendingSend> pending_;
  std::optional<NewestId> newest_id_;
  std::unique_ptr<WriteLane> writes_;
  std::unique_ptr<ReadLane> reads_;
};

}  // namespace troupe::storage::sqlite
