#include <troupe/storage/sqlite/detail/read_queue.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

#include <troupe/contract/exception_text.hpp>
#include <troupe/storage/sqlite/detail/commit_outcome.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage::sqlite {

namespace {

template <class Request>
void refuse_read(Request& request, StoreStatus status, std::string detail) {
  request.status = status;
  request.detail = std::move(detail);
  request.done();
}

}  // namespace

ReadQueue::ReadQueue(const std::filesystem::path& file, const StoreDeclaration& declaration,
                     loop::WorkerFactory& workers, CommitQueue& writes, const StoreLimits& limits,
                     CommitQueue::Crashed crashed)
    : file_(file),
      indexes_(declaration.indexes),
      writes_(writes),
      limits_(limits),
      worker_(workers, "r " + declaration.protocol, {[this] { read_all(); }, std::move(crashed)}) {}

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
    } else if (!worker_.refusal().empty()) {
      refusal = worker_.refusal();
    } else if (queue.size() >= limit) {
      status = StoreStatus::overloaded;
      refusal = std::to_string(queue.size()) + " reads wait for " + file_.string() + " already";
    } else {
      refusal = worker_.wake();
      if (refusal.empty()) return queue.push_back(&request);
    }
  }
  refuse_read(request, status, std::move(refusal));
}

void ReadQueue::refuse(LaneEnd how, const std::string& why) {
  std::deque<LoadRequest*> loads;
  std::deque<QueryRequest*> queries;
  {
    std::lock_guard lock(worker_.mutex());
    worker_.refuse(why);
    if (how == LaneEnd::at_once) {
      loads.swap(loads_);
      queries.swap(queries_);
    }
  }
  for (auto* request : loads) refuse_read(*request, StoreStatus::unavailable, why);
  for (auto* request : queries) refuse_read(*request, StoreStatus::unavailable, why);
}

void ReadQueue::accept() {
  std::lock_guard lock(worker_.mutex());
  reader_.reset();
  worker_.accept();
}

void ReadQueue::close() {
  worker_.close([this] { reader_.reset(); });
}

void ReadQueue::read_all() {
  while (true) {
    Work work;
    try {
      take(work);
      if (work.empty()) return;
      read(work);
    } catch (...) {
      const std::string why = "its storage crashed: " + text_of(std::current_exception());
      {
        std::lock_guard lock(worker_.mutex());
        worker_.refuse(why);
        worker_.rest();
      }
      refuse(work, StoreStatus::unavailable, why);
      throw;
    }
  }
}

void ReadQueue::take(Work& work) {
  std::lock_guard lock(worker_.mutex());
  const auto end = loads_.begin() + static_cast<std::ptrdiff_t>(std::min(limits_.batch_loads, loads_.size()));
  work.loads.assign(loads_.begin(), end);
  work.left = work.loads;
  loads_.erase(loads_.begin(), end);
  if (!queries_.empty()) {
    work.query = queries_.front();
    queries_.pop_front();
  }
  if (work.empty()) worker_.rest();
}

/// What is left of it.
void ReadQueue::refuse(Work& work, StoreStatus status, const std::string& why) noexcept {
  for (auto* request : std::exchange(work.left, {})) refuse_read(*request, status, why);
  if (auto* query = std::exchange(work.query, nullptr)) refuse_read(*query, status, why);
}

void ReadQueue::read(Work& work) {
  StoreStatus status = StoreStatus::unavailable;
  std::string obstacle = writes_.obstacle_to_reading();
  try {
    if (obstacle.empty() && !reader_) reader_.emplace(connect(file_), file_, indexes_);
  } catch (const Error& error) {
    auto outcome = outcome_before_commit(file_, error);
    status = outcome.status;
    obstacle = std::move(outcome.detail);
  }
  if (!obstacle.empty()) return refuse(work, status, obstacle);
  if (!work.loads.empty()) reader_->load(work.left);
  if (!work.query) return;
  reader_->query(*work.query);
  const auto tell = [](QueryRequest& query) noexcept { query.done(); };
  tell(*std::exchange(work.query, nullptr));
}

}  // namespace troupe::storage::sqlite
