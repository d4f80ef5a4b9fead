#include <troupe/loop/blocking_pool.hpp>

#include <pthread.h>

#include <troupe/loop/clock.hpp>

namespace troupe::loop {

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

void BlockingPool::hand_back(Item item, BlockingWork::End end) {
  item.loop->call([work = std::move(item.work), end] { work->ended(end); });
}

bool BlockingPool::has_room_for(const Item& item) const {
  if (queue_.empty()) return true;
  if (queue_.size() >= queue_limit) return false;
  const auto rounds = static_cast<Instant::rep>(queue_.size() / threads_.size()) + 1;
  return system_clock().monotonic() + rounds * usual_ <= item.deadline;
}

void BlockingPool::submit(std::unique_ptr<BlockingWork> work, Loop& loop, Instant deadline) {
  if (threads_.empty()) {
    loop.call([work = std::move(work)] {
      work->run();
      work->ended(BlockingWork::End::done);
    });
    return;
  }
  Item item{std::move(work), &loop, deadline};
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && has_room_for(item)) {
      queue_.push_back(std::move(item));
      wake_.notify_one();
      return;
    }
  }
  hand_back(std::move(item), BlockingWork::End::refused);
}

void BlockingPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const Instant started = system_clock().monotonic();
    const bool in_time = started < item.deadline;
    if (in_time) item.work->run();
    hand_back(std::move(item), in_time ? BlockingWork::End::done : BlockingWork::End::refused);
    const Instant::duration took = system_clock().monotonic() - started;
    lock.lock();
    if (in_time) usual_ = usual_ == usual_.zero() ? took : usual_ + (took - usual_) / 4;
  }
}

}  // namespace troupe::loop
