#include <troupe/engine/workers/storage_lane.hpp>

#include <atomic>
#include <utility>

namespace troupe::engine {

using supervision::ExitReason;

/// What a store's threads may tell of, also when the lane's object is gone.
struct StorageLane::Life {
  Told told;
  std::atomic<bool> is_over{false};
  std::atomic<bool> is_killed{false};

  /// On the lane's loop.
  void begun(const std::string& trouble) {
    if (!trouble.empty()) return end(ExitReason::error(trouble));
    if (!is_over) told.started();
  }
  void end(ExitReason reason) {
    if (!is_over.exchange(true)) told.ended(std::move(reason));
  }
  void end_as_told() { end(is_killed ? ExitReason::killed() : ExitReason::shutdown()); }
};

LeafSpec StorageLane::of(Store& store) {
  const auto owner = std::make_shared<const StorageLane*>(nullptr);
  return {0, [&store, owner](loop::Loop& loop) {
            return std::unique_ptr<StorageLane>(new StorageLane(store, loop, owner));
          }};
}

StorageLane::StorageLane(Store& store, loop::Loop& loop, Owner owner)
    : store_(store), loop_(loop), owner_(std::move(owner)), life_(std::make_shared<Life>()) {}

StorageLane::~StorageLane() {
  life_->is_over = true;
  if (*owner_ == this) *owner_ = nullptr;
}

void StorageLane::start(Told told) {
  life_->told = std::move(told);
  *owner_ = this;
  LaneWatcher watcher;
  watcher.begun = [&loop = loop_, life = life_](std::string trouble) {
    loop.call([life, trouble = std::move(trouble)] { life->begun(trouble); });
  };
  watcher.crashed = [life = life_](std::string what) { life->end(ExitReason::error(std::move(what))); };
  if (store_.begin_lane(std::move(watcher))) life_->begun({});
}

void StorageLane::exit(ExitSignal signal) {
  const bool is_killed = signal == ExitSignal::kill;
  if (is_killed) life_->is_killed = true;
  if (*owner_ != this) return life_->end_as_told();
  store_.end_lane(is_killed ? LaneEnd::at_once : LaneEnd::when_done, [life = life_] { life->end_as_told(); });
}

}  // namespace troupe::engine
