#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/storage/sqlite/detail/commit_queue.hpp>
#include <troupe/storage/sqlite/detail/queue_worker.hpp>
#include <troupe/storage/sqlite/detail/reader.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>

namespace troupe::storage::sqlite {

/// What waits to be read, and the thread that reads it. Loads go before queries, but for one query after each group.
///
/// While the outcome of a commit is not settled everything is refused: what is read might be undone by a crash.
/// Threads: any, but for `close`.
class ReadQueue {
 public:
  ReadQueue(const std::filesystem::path& file, const StoreDeclaration& declaration, loop::WorkerFactory& workers,
            CommitQueue& writes, const StoreLimits& limits, CommitQueue::Crashed crashed);
  ~ReadQueue();

  void load(LoadRequest& request);
  void query(QueryRequest& request);

  /// Takes no more, and does or refuses what waits. A second call may refuse what waits still.
  void refuse(LaneEnd how, const std::string& why);
  /// Takes work again, on a new connection. Nothing may be under way.
  void accept();
  /// Runs a job behind what is under way; where nothing can be, at once.
  void run_behind(std::function<void()> job) { worker_.run_behind(std::move(job)); }

  /// Ends what is queued, then refuses more. Not on the queue's own thread. Idempotent.
  void close();

 private:
  struct Work {
    std::vector<LoadRequest*> loads;
    std::span<LoadRequest* const> left;  ///< of these, such as are not answered
    QueryRequest* query = nullptr;       ///< null: there is none, or it is answered

    bool empty() const { return loads.empty() && !query; }
  };

  template <class Request>
  void enqueue(Request& request, std::deque<Request*>& queue, std::size_t limit);
  void read_all();
  void take(Work& work);
  void read(Work& work);
  void refuse(Work& work, StoreStatus status, const std::string& why) noexcept;

  const std::filesystem::path file_;
  const std::vector<IndexDeclaration> indexes_;
  CommitQueue& writes_;
  const StoreLimits limits_;

  QueueWorker worker_;  // its mutex guards what follows, up to reader_
  std::deque<LoadRequest*> loads_;
  std::deque<QueryRequest*> queries_;

  std::optional<Reader> reader_;  // the queue's thread; opened by the first read
};

}  // namespace troupe::storage::sqlite
