#include <troupe/storage/sqlite/detail/queue_worker.hpp>

#include <utility>

#include <troupe/contract/exception_text.hpp>

namespace troupe::storage::sqlite {

QueueWorker::QueueWorker(loop::WorkerFactory& workers, std::string name, Work work)
    : workers_(workers), name_(std::move(name)), work_(std::move(work)) {}

void QueueWorker::make_thread() {
  if (!worker_) worker_ = workers_.make(name_);
}

void QueueWorker::run(const std::function<void()>& job) noexcept {
  try {
    job();
  } catch (...) {
    work_.crashed(text_of(std::current_exception()));
  }
}

std::string QueueWorker::wake() {
  if (awake_) return {};
  try {
    make_thread();
    worker_->post([this] { run(work_.drain); });
  } catch (const std::exception& error) {
    return "no thread for it: " + std::string(error.what());
  }
  awake_ = true;
  return {};
}

bool QueueWorker::post(std::function<void()> job) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  make_thread();
  worker_->post([this, job = std::move(job)] { run(job); });
  return true;
}

void QueueWorker::run_behind(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (worker_) return worker_->post([this, job = std::move(job)] { run(job); });
  }
  job();
}

void QueueWorker::fail(std::exception_ptr exception) {
  post([exception = std::move(exception)] { std::rethrow_exception(exception); });
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
