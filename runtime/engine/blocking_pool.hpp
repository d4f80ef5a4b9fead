#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/actor/context.hpp"
#include "runtime/engine/loop.hpp"

namespace troupe::engine {

/// Runs `blocking(f)`: as many jobs at once as it has threads, a bounded queue behind, answers by message to the loop.
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

  /// A full queue refuses at once: the job's `refused` is set and its listener hears of it from the loop.
  void submit(std::shared_ptr<BlockingJob> job, Loop& loop);
  /// Ends the jobs that run and drops the rest. Idempotent.
  void stop();

 private:
  struct Item {
    std::shared_ptr<BlockingJob> job;
    Loop* loop;
  };

  void run();
  static void hand_back(Item item);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace troupe::engine
