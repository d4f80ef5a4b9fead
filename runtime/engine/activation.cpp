// How the entities of a shard come into memory, and go again.

#include <utility>

#include <troupe/engine/detail/activation_load.hpp>
#include <troupe/engine/detail/exception_text.hpp>
#include <troupe/engine/detail/turn.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/engine/shard.hpp>

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
constexpr FailureCode unreadable = failure_code::actor_crashed;

FailureCode code_of(const LoadRequest& failed) {
  return failed.status == StoreStatus::corrupt ? unreadable : refusal_code(failed.status);
}

void tell_unreadable(const Host& host, const std::string& what) {
  host.engine().report_trouble(std::string(host.name()) + ": " + what);
}

}  // namespace

Shard::Shard(Host& host, LoopState& state)
    : host_(host),
      loop_(state.loop),
      state_(state),
      crash_records_(host.name(), host.options().crash_loop, state.loop),
      sweep_(*this) {}

Shard::~Shard() {
  loop_.cancel_timer(sweep_);
  while (oldest_) {
    Activation& activation = *oldest_;
    while (activation.turns) delete activation.turns;
    while (activation.first) dequeue(activation);
    unlink(activation);
    activations_.erase(&activation);
    delete &activation;
  }
}

Activation& Shard::activation_for(const Key& key, std::uint64_t hash) {
  if (const auto it = activations_.find(Lookup{key, hash}); it != activations_.end()) return **it;
  auto activation = std::make_unique<Activation>();
  activation->hash = hash;
  activation->entity = make_entity(host_.type(), key);
  activations_.insert(activation.get());
  counters_.activations.store(activations_.size(), std::memory_order_relaxed);
  Activation& made = *activation.release();
  made.last_used = loop_.now() - 2 * use_grain;
  made.older = newest_;
  (newest_ ? newest_->newer : oldest_) = &made;
  newest_ = &made;
  plan_sweep();
  load(made);
  return made;
}

void Shard::load(Activation& activation) {
  if (!host_.store()) {
    StoredState none;
    return activate(activation, none);
  }
  activation.phase = Activation::Phase::loading;
  auto request =
      std::make_unique<ActivationLoad>(*this, activation, [](ActivationLoad& l) { l.shard.loaded(l.activation, l); });
  host_.store()->load(*request.release());
}

void Shard::loaded(Activation& activation, LoadRequest& request) {
  if (phase_ != Phase::running) return remove(activation);
  if (request.status == StoreStatus::done) return activate(activation, request.state);
  if (request.status == StoreStatus::corrupt) tell_unreadable(host_, request.detail);
  refuse_all(activation, code_of(request), request.detail);
  remove(activation);
}

void Shard::activate(Activation& activation, StoredState& state) {
  try {
    EntityAccess::restore(*activation.entity, state.layout, state.body, state.rows);
  } catch (...) {
    const std::string what = text_of(std::current_exception());
    tell_unreadable(host_, what);
    refuse_all(activation, unreadable, what);
    return remove(activation);
  }
  activation.version = state.version;
  activation.phase = Activation::Phase::ready;
  if (activation.first) queue_drain(activation);
}

void Shard::reload(Activation& activation) {
  const Key key = EntityAccess::key(*activation.entity);
  try {
    activation.entity = make_entity(host_.type(), key);
  } catch (...) {
    host_.engine().report_trouble(std::string(host_.name()) + '/' + key.to_string() +
                                  " can't be made anew: " + text_of(std::current_exception()));
    refuse_all(activation, failure_code::actor_crashed, "the actor can't be made");
    return remove(activation);
  }
  load(activation);
}

void Shard::remove(Activation& activation) {
  if (activation.drain_queued) {
    activation.phase = Activation::Phase::leaving;
    return;
  }
  if (activation.has_crashed) crash_records_.forget(activation);
  unlink(activation);
  activations_.erase(&activation);
  counters_.activations.store(activations_.size(), std::memory_order_relaxed);
  delete &activation;
  if (phase_ == Phase::stopping && activations_.empty()) end_stop();
}

void Shard::use(Activation& activation) {
  if (loop_.now() - activation.last_used < use_grain) return;
  activation.last_used = loop_.now();
  if (newest_ == &activation) return;
  unlink(activation);
  activation.older = newest_;
  activation.newer = nullptr;
  (newest_ ? newest_->newer : oldest_) = &activation;
  newest_ = &activation;
}

void Shard::unlink(Activation& activation) {
  (activation.older ? activation.older->newer : oldest_) = activation.newer;
  (activation.newer ? activation.newer->older : newest_) = activation.older;
  activation.older = activation.newer = nullptr;
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
  for (Activation* each = oldest_; each && each->last_used <= limit;) {
    Activation* newer = each->newer;
    if (each->idle() && !each->drain_queued) remove(*each);
    each = newer;
  }
}

}  // namespace troupe::engine
