#include <troupe/storage/sqlite/detail/commit_queue.hpp>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage::sqlite {

namespace {

/// Acknowledgements that ride along with one group of commits.
constexpr std::size_t max_delivered_per_batch = 1024;

std::size_t bytes_of(const DeadLetterMove& move) { return move.letter.reason.size(); }

std::size_t bytes_of(const CommitRequest& request) {
  std::size_t bytes = request.body.size();
  for (const auto& change : request.tables) bytes += change.body ? change.body->size() : 0;
  for (const auto& row : request.inbox) bytes += row.reply.size();
  for (const auto& row : request.sends) bytes += row.body.size();
  return bytes;
}

}  // namespace

CommitQueue::CommitQueue(Connection connection, const std::filesystem::path& file, const StoreDeclaration& declaration,
                         loop::WorkerFactory& workers, std::shared_ptr<Maintenance> maintenance, StoreEvents events,
                         const StoreLimits& limits, Crashed crashed)
    : file_(file),
      protocol_(declaration.protocol),
      indexes_(declaration.indexes),
      maintenance_(std::move(maintenance)),
      events_(std::move(events)),
      limits_(limits),
      worker_(workers, "w " + declaration.protocol, {[this] { write_all(); }, std::move(crashed)}),
      checkpoint_at_(limits.checkpoint_frames) {
  dead_letters_ = sqlite::count_dead_letters(connection);
  writer_.emplace(std::move(connection), file, indexes_);
}

CommitQueue::~CommitQueue() { close(); }

void CommitQueue::enqueue(WriteRequest request) {
  StoreStatus status = StoreStatus::unavailable;
  std::string refusal;
  {
    std::lock_guard lock(worker_.mutex());
    if (!refused_for_good_.empty()) {
      refusal = refused_for_good_;
    } else if (worker_.is_closed()) {
      refusal = file_.string() + " is closed";
    } else if (!worker_.refusal().empty()) {
      refusal = worker_.refusal();
    } else if (requests_.size() >= limits_.queued_commits) {
      status = StoreStatus::overloaded;
      refusal = std::to_string(requests_.size()) + " commits wait for " + file_.string() + " already";
    } else {
      refusal = worker_.wake();
      if (refusal.empty()) return requests_.push_back(request);
    }
  }
  refuse(request, status, refusal);
}

void CommitQueue::forget(DeliveredSend send) {
  std::lock_guard lock(worker_.mutex());
  if (worker_.is_closed()) return;
  delivered_.push_back(std::move(send));
  // Where there is no thread for it, it goes with the next one that finds one.
  if (worker_.refusal().empty()) static_cast<void>(worker_.wake());
}

std::string CommitQueue::trouble() {
  std::lock_guard lock(worker_.mutex());
  if (worker_.is_closed()) return file_.string() + " is closed";
  if (!refused_for_good_.empty()) return refused_for_good_;
  if (!worker_.refusal().empty()) return worker_.refusal();
  if (trouble_.empty()) return {};
  probe_ = true;
  static_cast<void>(worker_.wake());
  return trouble_;
}

std::string CommitQueue::obstacle_to_reading() { return unsettled_ ? trouble() : std::string(); }

void CommitQueue::refuse_for_good(const std::string& text) {
  std::lock_guard lock(worker_.mutex());
  refused_for_good_ = text;
}

void CommitQueue::close() {
  worker_.close([this] {
    cancellation_->cancel();
    writer_.reset();
  });
}

void CommitQueue::write_all() {
  while (true) {
    Work work;
    try {
      take(work);
      if (work.empty()) return;
      write(work);
      look_after_log();
      publish();
      tell_if_fatal();
      count_dead_letters(work.batch);
    } catch (...) {
      tell_of_crash(work);
      throw;
    }
    work.tell();
  }
}

void CommitQueue::take(Work& work) {
  std::lock_guard lock(worker_.mutex());
  take_batch(work.batch);
  work.probe = std::exchange(probe_, false);
  if (!work.batch.empty() || work.probe) delivered_held_ = false;
  if (!delivered_held_) {
    const auto end =
        delivered_.begin() + static_cast<std::ptrdiff_t>(std::min(max_delivered_per_batch, delivered_.size()));
    work.delivered.assign(std::make_move_iterator(delivered_.begin()), std::make_move_iterator(end));
    delivered_.erase(delivered_.begin(), end);
  }
  if (work.empty()) worker_.rest();
}

void CommitQueue::take_batch(std::vector<WriteRequest>& batch) {
  std::size_t bytes = 0;
  while (!requests_.empty() && batch.size() < limits_.batch_commits) {
    bytes += std::visit([](const auto* request) { return bytes_of(*request); }, requests_.front());
    if (bytes > limits_.batch_bytes && !batch.empty()) break;
    batch.push_back(requests_.front());
    requests_.pop_front();
    std::visit([](auto* request) { request->status = StoreStatus::unavailable; }, batch.back());
  }
}

void CommitQueue::write(Work& work) {
  if (work.probe) writer_->probe();
  if (work.batch.empty() && work.delivered.empty()) return;
  const bool forgotten =
      work.batch.empty() ? writer_->forget(work.delivered) : writer_->write(work.batch, work.delivered);
  if (forgotten || work.delivered.empty()) return;
  delivered_held_ = work.batch.empty();  // a group may fail for its members; alone they are tried once more
  std::lock_guard lock(worker_.mutex());
  keep(work.delivered);
}

void CommitQueue::keep(std::vector<DeliveredSend>& delivered) {
  delivered_.insert(delivered_.begin(), std::make_move_iterator(delivered.begin()),
                    std::make_move_iterator(delivered.end()));
  delivered.clear();
}

/// Before anyone hears of it, so that who asks for the number finds it counted.
void CommitQueue::count_dead_letters(const std::vector<WriteRequest>& written) {
  for (const auto& request : written) {
    const auto* move = std::get_if<DeadLetterMove*>(&request);
    if (!move || (*move)->status != StoreStatus::done || !(*move)->found) continue;
    if ((*move)->action == DeadLetterMove::Action::bury) {
      ++dead_letters_;
    } else {
      --dead_letters_;
    }
  }
}

/// Before anyone hears of a result, so that who hears of it and asks for the trouble is told of it.
void CommitQueue::publish() {
  unsettled_ = writer_->unsettled();
  if (writer_->trouble() == published_) return;
  const bool changed = writer_->trouble().empty() != published_.empty();
  published_ = writer_->trouble();
  {
    std::lock_guard lock(worker_.mutex());
    trouble_ = published_;
  }
  if (changed && events_.trouble) events_.trouble(protocol_, published_);
}

void CommitQueue::tell_if_fatal() {
  if (fatal_told_ || (!writer_->fatal() && !sync_failed_)) return;
  fatal_told_ = true;
  const std::string text =
      writer_->fatal() ? writer_->trouble() : file_.string() + " could not be synced to disk at a checkpoint";
  refuse_for_good(text);
  events_.fatal(text);
}

/// Between two commits. The log starts anew with the next commit once all of it is in the database and nobody reads it.
void CommitQueue::look_after_log() {
  const int frames = writer_->log_frames();
  if (frames < limits_.checkpoint_frames) checkpoint_at_ = limits_.checkpoint_frames;
  if (checkpointed_.exchange(false)) {
    writer_->finish_checkpoint();
    // Where a long read holds the log, not at every commit again.
    checkpoint_at_ = frames + limits_.checkpoint_frames / 2;
    return;
  }
  if (frames < checkpoint_at_ || checkpointing_.exchange(true)) return;
  try {
    maintenance_->post(cancellation_, [this] { checkpoint(); });
  } catch (...) {
    checkpointing_ = false;
    throw;
  }
}

// On the maintenance thread.
void CommitQueue::checkpoint() {
  try {
    Connection connection = connect(file_);
    connection.checkpoint();
    checkpointed_ = true;
  } catch (const Error& error) {
    // A full disk or a lock: the next commit finds the log long and tries again.
    if (is_failed_sync(error)) sync_failed_ = true;
  } catch (...) {
    fail(std::current_exception());
  }
  checkpointing_ = false;
}

}  // namespace troupe::storage::sqlite
