#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/storage/sqlite/detail/commit_writer.hpp>
#include <troupe/storage/sqlite/detail/maintenance.hpp>
#include <troupe/storage/sqlite/detail/queue_worker.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>

namespace troupe::storage::sqlite {

/// What waits to be written, and the thread that writes it: all that is there becomes one group commit, so that groups
/// grow with the load by themselves.
///
/// The write-ahead log is moved into the database by the maintenance thread while commits go on; what they add
/// meanwhile the writer moves itself, which is little, so that the log can start anew. Threads: any, but for `close`.
class CommitQueue {
 public:
  CommitQueue(Connection connection, const std::filesystem::path& file, const StoreDeclaration& declaration,
              loop::WorkerFactory& workers, std::shared_ptr<Maintenance> maintenance, StoreEvents events,
              const StoreLimits& limits);
  ~CommitQueue();

  void commit(CommitRequest& request) { enqueue(&request); }
  void move(DeadLetterMove& request) { enqueue(&request); }
  void forget(DeliveredSend send);

  /// Why commits fail, or empty. Whoever asks has the writer try again: nobody else may, while this store is reported.
  std::string trouble();
  /// Why nothing may be read for now, or empty; has the writer try to settle it.
  std::string obstacle_to_reading();
  /// How many dead letters there are. Threads: any.
  std::uint64_t dead_letters() const { return dead_letters_.load(std::memory_order_relaxed); }

  /// From now on every commit is refused with this text.
  void refuse_for_good(const std::string& text);

  /// Ends what is queued, then refuses more. Not on the queue's own thread. Idempotent.
  void close();

 private:
  struct Work {
    std::vector<WriteRequest> batch;
    std::vector<DeliveredSend> delivered;
    bool probe = false;

    bool empty() const { return batch.empty() && delivered.empty() && !probe; }
  };

  void enqueue(WriteRequest request);
  void write_all();
  Work take();
  std::vector<WriteRequest> take_batch();
  void write(Work& work);
  void count_dead_letters(const std::vector<WriteRequest>& written);
  void publish();
  void tell_if_fatal();
  void look_after_log();
  void checkpoint();

  const std::filesystem::path file_;
  const std::string protocol_;
  const std::shared_ptr<Maintenance> maintenance_;
  const StoreEvents events_;
  const StoreLimits limits_;
  const std::shared_ptr<Maintenance::CancellationToken> cancellation_ =
      std::make_shared<Maintenance::CancellationToken>();

  QueueWorker worker_;  // its mutex guards what follows, up to writer_
  bool probe_ = false;
  std::deque<WriteRequest> requests_;
  std::vector<DeliveredSend> delivered_;
  std::string trouble_;
  std::string refused_for_good_;

  std::optional<CommitWriter> writer_;  // this and what follows: the queue's thread
  bool delivered_held_ = false;         // after a failure: until something else is written
  bool fatal_told_ = false;
  std::string published_;
  int checkpoint_at_;

  std::atomic<std::uint64_t> dead_letters_ = 0;  ///< written by the queue's thread
  std::atomic<bool> unsettled_ = false;
  std::atomic<bool> checkpointing_ = false;
  std::atomic<bool> checkpointed_ = false;
  std::atomic<bool> sync_failed_ = false;
};

}  // namespace troupe::storage::sqlite
