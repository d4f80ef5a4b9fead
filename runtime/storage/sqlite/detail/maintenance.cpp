#include <troupe/storage/sqlite/detail/maintenance.hpp>

namespace troupe::storage::sqlite {

void Maintenance::CancellationToken::cancel() {
  std::lock_guard lock(running_);
  cancelled_ = true;
}

void Maintenance::post(std::shared_ptr<CancellationToken> token, std::function<void()> job) {
  std::lock_guard lock(making_);
  if (!worker_) worker_ = workers_.make("maintenance");
  worker_->post([token = std::move(token), job = std::move(job)] {
    std::lock_guard running(token->running_);
    if (!token->cancelled_) job();
  });
}

}  // namespace troupe::storage::sqlite
