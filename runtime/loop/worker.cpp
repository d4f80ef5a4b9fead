#include <troupe/loop/worker.hpp>

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace troupe::loop {

namespace {

class ThreadWorker final : public Worker {
 public:
  explicit ThreadWorker(std::string name) : thread_([this, name = std::move(name)] { run(name); }) {}

  ~ThreadWorker() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void post(std::function<void()> job) override {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

 private:
  void run(const std::string& name) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when all else is there
};

class ThreadWorkers final : public WorkerFactory {
 public:
  std::unique_ptr<Worker> make(std::string name) override { return std::make_unique<ThreadWorker>(std::move(name)); }
};

}  // namespace

std::unique_ptr<WorkerFactory> thread_workers() { return std::make_unique<ThreadWorkers>(); }

}  // namespace troupe::loop
