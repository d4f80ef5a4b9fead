#include "runtime/engine/blocking_pool.hpp"

#include <pthread.h>

#include "runtime/engine/call_context.hpp"

namespace troupe::engine {

BlockingPool::BlockingPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      pthread_setname_np(pthread_self(), "blocking");
      run();
    });
  }
}

BlockingPool::~BlockingPool() { stop(); }

void BlockingPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void BlockingPool::hand_back(Item item) {
  item.loop->call([job = std::move(item.job)] {
    if (job->listener) static_cast<CallContext*>(job->context)->resume(*job->listener);
  });
}

void BlockingPool::submit(std::shared_ptr<BlockingJob> job, Loop& loop) {
  if (threads_.empty()) {
    loop.call([job = std::move(job)] {
      job->run();
      if (job->listener) static_cast<CallContext*>(job->context)->resume(*job->listener);
    });
    return;
  }
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && queue_.size() < queue_limit) {
      queue_.push_back({std::move(job), &loop});
      wake_.notify_one();
      return;
    }
  }
  job->refused = std::make_unique<Failure>(Failure::Kind::not_executed, std::string(failure_code::overloaded),
                                           "too much blocking work is waiting");
  hand_back({std::move(job), &loop});
}

void BlockingPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    item.job->run();
    hand_back(std::move(item));
    lock.lock();
  }
}

}  // namespace troupe::engine
