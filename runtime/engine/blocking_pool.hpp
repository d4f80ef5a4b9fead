#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <troupe/actor/context.hpp>
#include <troupe/engine/loop.hpp>

namespace troupe::engine {

/// Runs `blocking(f)`: as many jobs at once as it has threads, a bounded queue behind, answers by message to the loop.
///
/// Work that would be done too late is not begun: a job is refused when those before it are likely to outlast its
/// deadline, and once more when its turn comes after all and the deadline has passed. Else a queue that has grown
/// longer than anyone waits would do nothing but work whose callers have gone.
///
/// With no threads at all (a simulation) a job runs as a job of its loop.
/// Threads: submit() on the job's loop.
class BlockingPool {
 public:
  static constexpr std::size_t queue_limit = 256;

  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// A job that is refused hears of it from its loop, by `refused`: not executed, `overloaded`.
  void submit(std::shared_ptr<BlockingJob> job, Loop& loop);
  /// Ends the jobs that run and drops the rest. Idempotent.
  void stop();

 private:
  struct Item {
    std::shared_ptr<BlockingJob> job;
    Loop* loop;
    Instant deadline;
  };

  void run();
  bool has_room_for(const Item& item) const;
  static void refuse(Item item);
  static void hand_back(Item item);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  /// How long a job takes: a moving average, a quarter of it the newest job's. Zero as long as none has ended.
  Instant::duration usual_{0};
  std::vector<std::thread> threads_;
};

}  // namespace troupe::engine
