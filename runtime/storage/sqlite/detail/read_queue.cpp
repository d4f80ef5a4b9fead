#include <troupe/storage/sqlite/detail/read_queue.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

#include <troupe/storage/sqlite/detail/commit_outcome.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage::sqlite {

namespace {

template <class Request>
void refuse(Request& request, StoreStatus status, std::string detail) {
  request.status = status;
  request.detail = std::move(detail);
  request.done();
}

}  // namespace

ReadQueue::ReadQueue(const std::filesystem::path& file, const StoreDeclaration& declaration,
                     loop::WorkerFactory& workers, CommitQueue& writes, const StoreLimits& limits)
    : file_(file),
      indexes_(declaration.indexes),
      writes_(writes),
      limits_(limits),
      worker_(workers, "r " + declaration.protocol, [this] { read_all(); }) {}

ReadQueue::~ReadQueue() { close(); }

void ReadQueue::load(LoadRequest& request) { enqueue(request, loads_, limits_.queued_loads); }

void ReadQueue::query(QueryRequest& request) { enqueue(request, queries_, limits_.queued_queries); }

template <class Request>
void ReadQueue::enqueue(Request& request, std::deque<Request*>& queue, std::size_t limit) {
  StoreStatus status = StoreStatus::unavailable;
  std::string refusal;
  {
    std::lock_guard lock(worker_.mutex());
    if (worker_.is_closed()) {
      refusal = file_.string() + " is closed";
    } else if (queue.size() >= limit) {
      status = StoreStatus::overloaded;
      refusal = std::to_string(queue.size()) + " reads wait for " + file_.string() + " already";
    } else {
      queue.push_back(&request);
      return worker_.wake();
    }
  }
  refuse(request, status, std::move(refusal));
}

void ReadQueue::close() {
  worker_.close([this] { reader_.reset(); });
}

void ReadQueue::read_all() {
  while (true) {
    const Work work = take();
    if (work.empty()) return;
    read(work);
  }
}

ReadQueue::Work ReadQueue::take() {
  std::lock_guard lock(worker_.mutex());
  Work work;
  const auto end = loads_.begin() + static_cast<std::ptrdiff_t>(std::min(limits_.batch_loads, loads_.size()));
  work.loads.assign(loads_.begin(), end);
  loads_.erase(loads_.begin(), end);
  if (!queries_.empty()) {
    work.query = queries_.front();
    queries_.pop_front();
  }
  if (work.empty()) worker_.rest();
  return work;
}

void ReadQueue::read(const Work& work) {
  StoreStatus status = StoreStatus::unavailable;
  std::string obstacle = writes_.obstacle_to_reading();
  try {
    if (obstacle.empty() && !reader_) reader_.emplace(connect(file_), file_, indexes_);
  } catch (const Error& error) {
    auto outcome = outcome_before_commit(file_, error);
    status = outcome.status;
    obstacle = std::move(outcome.detail);
  }
  if (!obstacle.empty()) {
    for (auto* request : work.loads) refuse(*request, status, obstacle);
    if (work.query) refuse(*work.query, status, obstacle);
    return;
  }
  if (!work.loads.empty()) reader_->load(work.loads);
  if (work.query) reader_->query(*work.query);
}

}  // namespace troupe::storage::sqlite
