#include <troupe/storage/sqlite/detail/store.hpp>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/owner_mark.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>
#include <troupe/storage/sqlite/detail/sends/outbox.hpp>

namespace troupe::storage::sqlite {

SqliteStore::SqliteStore(const std::filesystem::path& file, const std::optional<FileOwner>& owner,
                         const StoreDeclaration& declaration, loop::WorkerFactory& workers,
                         const std::shared_ptr<Maintenance>& maintenance, StoreEvents events, const StoreLimits& limits)
    : file_(file) {
  auto opened = open_file(file, store_schema(), [&](Connection& connection) {
    reconcile_indexes(connection, file, declaration);
    if (owner) add_owner(connection, *owner);
  });
  const auto crash = [this](const std::string& what) { crashed(what); };
  explained(file, [&] {
    pending_ = Outbox::read(opened.connection);
    high_water_mark_.emplace(opened.connection);
    writes_ = std::make_unique<CommitQueue>(std::move(opened.connection), file, declaration, workers, maintenance,
                                            std::move(events), limits, crash);
  });
  reads_ = std::make_unique<ReadQueue>(file, declaration, workers, *writes_, limits, crash);
  if (opened.soundness == Soundness::unchecked) maintenance->post(cancellation_, [this] { check_whole_file(); });
}

SqliteStore::~SqliteStore() { close(); }

void SqliteStore::load(LoadRequest& request) {
  if (request.operation || !high_water_mark_->is_before(request.key)) return reads_->load(request);
  request.status = StoreStatus::done;
  request.detail.clear();
  request.state = {};
  request.done();
}

void SqliteStore::commit(CommitRequest& request) {
  high_water_mark_->saw(request.key);
  writes_->commit(request);
}

void SqliteStore::acknowledge(const Key& sender, std::uint64_t sequence) {
  writes_->forget({sender.to_bytes(), sequence});
}

bool SqliteStore::begin_lane(LaneWatcher watcher) {
  std::uint64_t life = 0;
  {
    std::lock_guard lock(lane_mutex_);
    watcher_ = std::make_shared<const LaneWatcher>(std::move(watcher));
    if (lane_phase_ == LanePhase::up) return true;
    lane_phase_ = LanePhase::beginning;
    life = ++lane_life_;
  }
  std::string trouble;
  try {
    if (!writes_->post([this, life] { open_lane(life); })) trouble = file_.string() + " is closed";
  } catch (const std::exception& error) {
    trouble = "no thread for " + file_.string() + ": " + error.what();
  }
  if (!trouble.empty()) lane_begun(life, trouble);
  return false;
}

// On the writer's thread, where nothing else is under way.
void SqliteStore::open_lane(std::uint64_t life) {
  {
    std::lock_guard lock(lane_mutex_);
    if (life != lane_life_) return;  // it was taken down and begun again meanwhile
  }
  std::string trouble = writes_->reopen();
  try {
    if (trouble.empty()) return reads_->run_behind([this, life] { lane_begun(life, {}); });
  } catch (const std::exception& error) {
    trouble = file_.string() + ": " + error.what();
  }
  lane_begun(life, trouble);
}

void SqliteStore::lane_begun(std::uint64_t life, const std::string& trouble) noexcept {
  std::shared_ptr<const LaneWatcher> watcher;
  {
    std::lock_guard lock(lane_mutex_);
    if (life != lane_life_ || lane_phase_ != LanePhase::beginning) return;  // it was taken down meanwhile
    lane_phase_ = trouble.empty() ? LanePhase::up : LanePhase::down;
    watcher = watcher_;
    if (trouble.empty()) {
      reads_->accept();
      writes_->accept();
    }
  }
  if (watcher->begun) watcher->begun(trouble);
}

void SqliteStore::end_lane(LaneEnd how, std::function<void()> ended) {
  {
    std::lock_guard lock(lane_mutex_);
    if (lane_phase_ != LanePhase::down) {
      lane_phase_ = LanePhase::ending;
      const std::string why = file_.string() + " is taken down";
      reads_->refuse(how, why);
      writes_->refuse(how, why);
    }
  }
  reads_->run_behind([this, ended = std::move(ended)]() mutable {
    writes_->run_behind([this, ended = std::move(ended)] {
      lane_ended();
      ended();
    });
  });
}

void SqliteStore::lane_ended() {
  std::lock_guard lock(lane_mutex_);
  if (lane_phase_ == LanePhase::ending) lane_phase_ = LanePhase::down;
}

// On the thread of the queue in which it was thrown.
void SqliteStore::crashed(const std::string& what) {
  std::shared_ptr<const LaneWatcher> watcher;
  {
    std::lock_guard lock(lane_mutex_);
    // One of a former life is known already.
    if (lane_phase_ == LanePhase::down || lane_phase_ == LanePhase::beginning) return;
    if (lane_phase_ == LanePhase::up) lane_phase_ = LanePhase::down;
    watcher = watcher_;
    const std::string why = "its storage crashed: " + what;
    reads_->refuse(LaneEnd::at_once, why);
    writes_->refuse(LaneEnd::at_once, why);
  }
  if (watcher->crashed) watcher->crashed(what);
}

void SqliteStore::close() {
  high_water_mark_->invalidate();
  cancellation_->cancel();
  // The writer last: closing the last connection moves the log into the database.
  reads_->close();
  writes_->close();
}

// On the maintenance thread.
void SqliteStore::check_whole_file() {
  std::string damage;
  try {
    Connection connection = connect(file_);
    damage = find_damage(connection);
  } catch (const Error& error) {
    damage = error.what();
  } catch (...) {
    return writes_->fail(std::current_exception());
  }
  if (damage.empty()) return;
  writes_->refuse_for_good(file_.string() + " is damaged (" + damage +
                           "): stop the node and restore the file from a backup");
}

}  // namespace troupe::storage::sqlite
