// The commit queue as a part of its store's lane: how it crashes, is taken down, and comes back.

#include <mutex>
#include <utility>

#include <troupe/contract/exception_text.hpp>
#include <troupe/storage/sqlite/detail/commit_queue.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage::sqlite {

void CommitQueue::refuse(const WriteRequest& request, StoreStatus status, const std::string& detail) {
  std::visit(
      [&](auto* refused) {
        refused->status = status;
        refused->detail = detail;
        refused->done();
      },
      request);
}

void CommitQueue::Work::tell() const noexcept {
  for (const auto& request : batch) std::visit([](auto* each) { each->done(); }, request);
}

void CommitQueue::tell_of_crash(Work& work) noexcept {
  const std::string why = "its storage crashed: " + text_of(std::current_exception());
  {
    // Nothing new comes in behind the present group, and all of it can be written again.
    std::lock_guard lock(worker_.mutex());
    worker_.refuse(why);
    worker_.rest();
    keep(work.delivered);
  }
  tell_if_fatal();
  for (const auto& request : work.batch) {
    std::visit(
        [&why](auto* each) {
          if (each->status != StoreStatus::done && each->detail.empty()) each->detail = why;
        },
        request);
  }
  work.tell();
}

void CommitQueue::refuse(LaneEnd how, const std::string& why) {
  std::deque<WriteRequest> refused;
  {
    std::lock_guard lock(worker_.mutex());
    worker_.refuse(why);
    if (how == LaneEnd::at_once) refused.swap(requests_);
  }
  for (const auto& request : refused) refuse(request, StoreStatus::unavailable, why);
}

std::string CommitQueue::refusal_for_good() {
  std::lock_guard lock(worker_.mutex());
  return refused_for_good_;
}

void CommitQueue::accept() {
  std::lock_guard lock(worker_.mutex());
  worker_.accept();
  if (!delivered_.empty()) static_cast<void>(worker_.wake());
}

std::string CommitQueue::reopen() {
  // After a failed sync another connection must not take the log for sound.
  if (fatal_told_) return refusal_for_good();
  try {
    // The present one first: it may hold the file's lock.
    if (writer_) writer_->give_way();
    writer_.reset();
    Connection connection = connect_writer(file_);
    dead_letters_ = sqlite::count_dead_letters(connection);
    writer_.emplace(std::move(connection), file_, indexes_);
    writer_->doubt();
    writer_->probe();
    delivered_held_ = false;
    checkpoint_at_ = limits_.checkpoint_frames;
    publish();
    tell_if_fatal();
    return {};
  } catch (const Error& error) {
    return explain(file_, error);
  } catch (...) {
    return file_.string() + ": " + text_of(std::current_exception());
  }
}

}  // namespace troupe::storage::sqlite
