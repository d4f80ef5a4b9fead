#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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
  bool begin_lane(LaneWatcher watcher) override;
  void end_lane(LaneEnd how, std::function<void()> ended) override;
  void close() override;
  std::string trouble() const override { return writes_->trouble(); }

 private:
  /// Of the lane, that is of both queues:
  ///
  ///     up ── end_lane() ──▶ ending ──▶ down ── begin_lane() ──▶ beginning ──▶ up
  ///      └──────────── a crash ──────────▲                           │
  ///                                      └── what can't be opened ───┘
  enum class LanePhase : std::uint8_t { up, ending, down, beginning };

  void crashed(const std::string& what);
  void open_lane(std::uint64_t life);
  /// Where the lane still begins this life, it is up, or has not come up. What is thrown here ends the process: whoever
  /// waits for the lane would do so without end.
  void lane_begun(std::uint64_t life, const std::string& trouble) noexcept;
  void lane_ended();
  void check_whole_file();

  const std::filesystem::path file_;
  const std::shared_ptr<Maintenance::CancellationToken> cancellation_ =
      std::make_shared<Maintenance::CancellationToken>();
  std::mutex lane_mutex_;  // guards what follows, up to pending_; held while the queues are told
  LanePhase lane_phase_ = LanePhase::up;
  std::uint64_t lane_life_ = 0;  ///< how often it was begun
  std::shared_ptr<const LaneWatcher> watcher_ = std::make_shared<const LaneWatcher>();
  std::vector<PendingSend> pending_;
  std::optional<HighWaterMark> high_water_mark_;
  std::unique_ptr<CommitQueue> writes_;
  std::unique_ptr<ReadQueue> reads_;
};

}  // namespace troupe::storage::sqlite
