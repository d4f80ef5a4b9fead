#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <troupe/loop/loop.hpp>

namespace troupe::loop {

/// Work for a thread that may block.
class BlockingWork {
 public:
  enum class End : std::uint8_t {
    done,
    refused,  ///< it was not begun: it would have ended too late, or too much waits
  };

  virtual ~BlockingWork() = default;
  /// On a thread of the pool.
  virtual void run() noexcept = 0;
  /// On the loop that submitted it, once. Not called when the pool stops or the loop drops its jobs before.
  virtual void ended(End end) = 0;
};

/// Runs blocking work: as much at once as it has threads, a bounded queue behind, the end told to the loop.
///
/// Work that would be done too late is not begun: it is refused when what is before it is likely to outlast its
/// deadline, and once more when its turn comes after all and the deadline has passed. Else a queue that has grown
/// longer than anyone waits would do nothing but work whose callers have gone.
///
/// With no threads at all (a simulation) work runs as a job of its loop.
/// Threads: submit() on the work's loop.
class BlockingPool {
 public:
  static constexpr std::size_t queue_limit = 256;

  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  void submit(std::unique_ptr<BlockingWork> work, Loop& loop, Instant deadline);
  /// Ends the work that runs and drops the rest. Idempotent.
  void stop();

 private:
  struct Item {
    std::unique_ptr<BlockingWork> work;
    Loop* loop;
    Instant deadline;
  };

  void run();
  bool has_room_for(const Item& item) const;
  static void hand_back(Item item, BlockingWork::End end);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  /// How long work takes: a moving average, a quarter of it the newest. Zero as long as none has ended.
  Instant::duration usual_{0};
  std::vector<std::thread> threads_;
};

}  // namespace troupe::loop
