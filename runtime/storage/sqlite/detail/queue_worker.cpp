#include <troupe/storage/sqlite/detail/queue_worker.hpp>

#include <utility>

namespace troupe::storage::sqlite {

QueueWorker::QueueWorker(loop::WorkerFactory& workers, std::string name, std::function<void()> drain)
    : workers_(workers), name_(std::move(name)), drain_(std::move(drain)) {}

void QueueWorker::wake() {
  if (std::exchange(awake_, true)) return;
  if (!worker_) worker_ = workers_.make(name_);
  worker_->post(drain_);
}

void QueueWorker::close(const std::function<void()>& at_end) {
  std::lock_guard closing(closing_);
  std::unique_ptr<loop::Worker> worker;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    worker = std::move(worker_);
  }
  worker.reset();  // after its last job
  at_end();
}

}  // namespace troupe::storage::sqlite
