// How the entities of a shard come into memory, and go again.

#include <utility>

#include <troupe/engine/engine.hpp>
#include <troupe/engine/exception_text.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/engine/resident_load.hpp>
#include <troupe/engine/shard.hpp>
#include <troupe/engine/turn.hpp>

namespace troupe::engine {

namespace {

/// How far apart two uses must be for the order by last use to be kept.
constexpr auto use_grain = std::chrono::seconds(1);

/// Errors: throws what the entity's constructor throws.
std::unique_ptr<EntityBase> make_entity(const EntityType& type, Key key) {
  auto entity = type.make();
  EntityAccess::set_key(*entity, std::move(key));
  return entity;
}

/// Not unavailable: one broken row is no reason to ask again, or to keep calls from the others.
constexpr std::string_view unreadable = failure_code::actor_crashed;

std::string_view code_of(const LoadRequest& failed) {
  return failed.status == StoreStatus::corrupt ? unreadable : refusal_code(failed.status);
}

void tell_unreadable(const Host& host, const std::string& what) {
  host.engine().report_trouble(std::string(host.name()) + ": " + what);
}

}  // namespace

Shard::Shard(Host& host, LoopState& state) : host_(host), loop_(state.loop), state_(state), sweep_(*this) {}

Shard::~Shard() {
  loop_.cancel_timer(sweep_);
  while (oldest_) {
    Resident& resident = *oldest_;
    while (resident.turns) delete resident.turns;
    while (resident.first) dequeue(resident);
    unlink(resident);
    residents_.erase(&resident);
    delete &resident;
  }
}

Resident& Shard::resident_for(const Key& key, std::uint64_t hash) {
  if (const auto it = residents_.find(Lookup{key, hash}); it != residents_.end()) return **it;
  auto resident = std::make_unique<Resident>();
  resident->hash = hash;
  resident->entity = make_entity(host_.type(), key);
  residents_.insert(resident.get());
  counters_.residents.store(residents_.size(), std::memory_order_relaxed);
  Resident& made = *resident.release();
  made.last_used = loop_.now() - 2 * use_grain;
  made.older = newest_;
  (newest_ ? newest_->newer : oldest_) = &made;
  newest_ = &made;
  plan_sweep();
  load(made);
  return made;
}

void Shard::load(Resident& resident) {
  resident.doomed = false;
  if (!host_.store()) {
    StoredState none;
    return activate(resident, none);
  }
  resident.phase = Resident::Phase::loading;
  auto request =
      std::make_unique<ResidentLoad>(*this, resident, [](ResidentLoad& l) { l.shard.loaded(l.resident, l); });
  host_.store()->load(*request.release());
}

void Shard::loaded(Resident& resident, LoadRequest& request) {
  if (request.status == StoreStatus::done) return activate(resident, request.state);
  if (request.status == StoreStatus::corrupt) tell_unreadable(host_, request.detail);
  refuse_all(resident, code_of(request), request.detail);
  remove(resident);
}

void Shard::activate(Resident& resident, StoredState& state) {
  try {
    EntityAccess::restore(*resident.entity, state.layout, state.body, state.rows);
  } catch (...) {
    const std::string what = text_of(std::current_exception());
    tell_unreadable(host_, what);
    refuse_all(resident, unreadable, what);
    return remove(resident);
  }
  resident.version = state.version;
  resident.phase = Resident::Phase::ready;
  if (resident.first) queue_drain(resident);
}

void Shard::reload(Resident& resident) {
  const Key key = EntityAccess::key(*resident.entity);
  try {
    resident.entity = make_entity(host_.type(), key);
  } catch (...) {
    host_.engine().report_trouble(std::string(host_.name()) + '/' + key.to_string() +
                                  " can't be made anew: " + text_of(std::current_exception()));
    refuse_all(resident, failure_code::actor_crashed, "the actor can't be made");
    return remove(resident);
  }
  load(resident);
}

void Shard::remove(Resident& resident) {
  if (resident.drain_queued) {
    resident.phase = Resident::Phase::loading;
    resident.doomed = true;
    return;
  }
  unlink(resident);
  residents_.erase(&resident);
  counters_.residents.store(residents_.size(), std::memory_order_relaxed);
  delete &resident;
}

void Shard::use(Resident& resident) {
  if (loop_.now() - resident.last_used < use_grain) return;
  resident.last_used = loop_.now();
  if (newest_ == &resident) return;
  unlink(resident);
  resident.older = newest_;
  resident.newer = nullptr;
  (newest_ ? newest_->newer : oldest_) = &resident;
  newest_ = &resident;
}

void Shard::unlink(Resident& resident) {
  (resident.older ? resident.older->newer : oldest_) = resident.newer;
  (resident.newer ? resident.newer->older : newest_) = resident.older;
  resident.older = resident.newer = nullptr;
}

void Shard::plan_sweep() {
  if (!sweep_.armed()) loop_.start_timer(sweep_, loop_.now() + host_.options().idle / 4);
}

void Shard::sweep(loop::Timer& timer) {
  Shard& shard = static_cast<SweepTimer&>(timer).shard;
  shard.passivate_idle();
  if (shard.oldest_) shard.plan_sweep();
}

void Shard::passivate_idle() {
  const Instant limit = loop_.now() - host_.options().idle;
  for (Resident* r = oldest_; r && r->last_used <= limit;) {
    Resident* newer = r->newer;
    if (r->idle() && !r->drain_queued) remove(*r);
    r = newer;
  }
}

}  // namespace troupe::engine
