#pragma once

#include <atomic>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
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
  /// Something was thrown that is no request's failure. On a thread of the store; lifetime: longer than the queue's.
  using Crashed = std::function<void(const std::string& what)>;

  CommitQueue(Connection connection, const std::filesystem::path& file, const StoreDeclaration& declaration,
              loop::WorkerFactory& workers, std::shared_ptr<Maintenance> maintenance, StoreEvents events,
              const StoreLimits& limits, Crashed crashed);
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

  /// Takes no more, and does or refuses what waits; delivered sends stay. A second call may refuse what waits still.
  void refuse(LaneEnd how, const std::string& why);
  /// Takes work again, on the connection of reopen().
  void accept();
  /// Makes a connection in the place of the present one, and settles what that has left open. Returns why that can't be
  /// done. On the queue's thread, while it takes no work.
  std::string reopen();
  /// Runs a job on the queue's thread, behind what is under way. False: it is closed. Errors: throws where there is no
  /// thread to be had.
  bool post(std::function<void()> job) { return worker_.post(std::move(job)); }
  /// Runs a job behind what is under way; where nothing can be, at once.
  void run_behind(std::function<void()> job) { worker_.run_behind(std::move(job)); }
  /// Crashes behind what is under way.
  void fail(std::exception_ptr exception) { worker_.fail(std::move(exception)); }

  /// Ends what is queued, then refuses more. Not on the queue's own thread. Idempotent.
  void close();

 private:
  struct Work {
    std::vector<WriteRequest> batch;
    std::vector<DeliveredSend> delivered;
    bool probe = false;

    bool empty() const { return batch.empty() && delivered.empty() && !probe; }
    /// Tells each of its group. What is thrown there ends the process: who is not told would wait without end.
    void tell() const noexcept;
  };

  static void refuse(const WriteRequest& request, StoreStatus status, const std::string& detail);
  void enqueue(WriteRequest request);
  void write_all();
  void take(Work& work);
  void take_batch(std::vector<WriteRequest>& batch);
  void write(Work& work);
  void keep(std::vector<DeliveredSend>& delivered);
  /// Tells each of a group what became of it, where its writing was broken off by what is being thrown.
  void tell_of_crash(Work& work) noexcept;
  void count_dead_letters(const std::vector<WriteRequest>& written);
  void publish();
  void tell_if_fatal();
  std::string refusal_for_good();
  void look_after_log();
  void checkpoint();

  const std::filesystem::path file_;
  const std::string protocol_;
  const std::vector<IndexDeclaration> indexes_;
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
