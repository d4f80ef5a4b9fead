// How the entities of a shard come into memory, and go again.

#include <memory>
#include <utility>
#include <vector>

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
  if (request.status == StoreStatus::corrupt) return failed_to_load(activation, {request.detail, {}});
  refuse_all(activation, refusal_code(request.status), request.detail);
  remove(activation);
}

void Shard::failed_to_load(Activation& activation, const Thrown& thrown) {
  counters_.crashes.fetch_add(1, std::memory_order_relaxed);
  activation.phase = Activation::Phase::unreadable;
  std::vector<EnvelopePtr> refused;
  while (activation.first) refused.push_back(dequeue(activation));
  const Key key = EntityAccess::key(*activation.entity);
  const auto noted = crash_records_.note(activation, "its state can't be had: " + thrown.what);
  const Envelope* first = refused.empty() ? nullptr : refused.front().get();
  host_.engine().report_crash(
      {.protocol = host_.name(),
       .key = key,
       .message = first ? first->info->name : std::string_view(),
       .what = thrown.what,
       .trace = first && first->origin ? std::string_view(first->origin->trace) : std::string_view(),
       .crashes = noted.crashes,
       .is_looping = noted.is_looping,
       .stack = thrown.stack});
  // Not as unavailable: one broken row is no reason to ask again, or to keep calls from the others. Whoever asked may
  // go on at once, and ask it again.
  for (auto& envelope : refused) {
    envelope->failure = std::make_unique<Failure>(Failure::not_executed(failure_code::actor_crashed, thrown.what));
    answer(std::move(envelope));
  }
}

void Shard::activate(Activation& activation, StoredState& state) {
  try {
    EntityAccess::restore(*activation.entity, state.layout, state.body, state.rows);
  } catch (...) {
    return failed_to_load(activation, thrown_of(std::current_exception()));
  }
  activation.version = state.version;
  activation.phase = Activation::Phase::ready;
  if (activation.first) queue_drain(activation);
}

void Shard::reload(Activation& activation) {
  try {
    activation.entity = make_entity(host_.type(), EntityAccess::key(*activation.entity));
  } catch (...) {
    return failed_to_load(activation, thrown_of(std::current_exception()));
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
