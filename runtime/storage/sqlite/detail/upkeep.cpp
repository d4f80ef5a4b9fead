#include <troupe/storage/sqlite/detail/upkeep.hpp>

namespace troupe::storage::sqlite {

void Upkeep::Ticket::cancel() {
  std::lock_guard lock(running_);
  cancelled_ = true;
}

void Upkeep::post(std::shared_ptr<Ticket> ticket, std::function<void()> job) {
  std::lock_guard lock(making_);
  if (!worker_) worker_ = workers_.make("upkeep");
  worker_->post([ticket = std::move(ticket), job = std::move(job)] {
    std::lock_guard running(ticket->running_);
    if (!ticket->cancelled_) job();
  });
}

}  // namespace troupe::storage::sqlite
