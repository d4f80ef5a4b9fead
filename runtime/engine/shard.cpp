#include <troupe/engine/shard.hpp>

#include <utility>
#include <vector>

#include <troupe/contract/operation_age.hpp>
#include <troupe/engine/detail/activation_load.hpp>
#include <troupe/engine/detail/turn.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/engine/remote_entities.hpp>

namespace troupe::engine {

namespace {

constexpr unsigned starts_per_drain = 32;
constexpr const char* given_up_text = "whoever asked has given up";
constexpr std::size_t interleaved_limit = 1024;  ///< turns that run at once; what comes besides waits

void refuse(EnvelopePtr envelope, FailureCode code, std::string detail) {
  envelope->failure = std::make_unique<Failure>(Failure::not_executed(code, std::move(detail)));
  Shard::answer(std::move(envelope));
}

/// Answers it where nobody waits for it any more; false: somebody does.
bool refuse_if_late(EnvelopePtr& envelope, Instant now) {
  const bool is_late = now >= envelope->deadline;
  if (!is_late && !is_given_up(*envelope)) return false;
  refuse(std::move(envelope), failure_code::expired, is_late ? "the deadline passed in the queue" : given_up_text);
  return true;
}

/// The operation was done: its answer is what it was then.
void read_reply(Envelope& envelope, const std::string& stored) {
  std::string fault;
  try {
    std::vector<Fault> faults;
    if (envelope.info->reply_from_json(envelope, stored, faults)) return;
    fault = faults.front().pointer + ' ' + faults.front().detail;
  } catch (...) {
    fault = "its codec threw: " + text_of(std::current_exception());
  }
  envelope.failure = std::make_unique<Failure>(
      Failure::unknown(failure_code::unavailable, "the stored reply of this operation can't be read: " + fault));
}

/// Neither to be done a second time nor to be asked for ever: an answer, though nobody knows the first one.
void reject_as_forgotten(EnvelopePtr envelope) {
  envelope->failure = std::make_unique<Failure>(Failure::Kind::rejected, std::string(failure_code::operation_forgotten),
                                                "it was first asked so long ago that it may be done already");
  Shard::answer(std::move(envelope));
}

}  // namespace

void Shard::answer(EnvelopePtr envelope) {
  envelope->done = true;
  if (!envelope->reply_to) return;
  loop::Loop& loop = envelope->reply_to->loop;
  if (loop.here()) return Engine::answer(std::move(envelope));
  loop.post({[](void* e, std::uint64_t) { Engine::answer(EnvelopePtr::adopt(static_cast<Envelope*>(e))); },
             envelope.release(), 0, [](void* e) { EnvelopePtr::adopt(static_cast<Envelope*>(e)); }});
}

std::string Shard::why_stopped() const {
  return host_.is_worker() ? "the worker of " + std::string(host_.name()) + " has ended, or is being started again"
                           : std::string(stopped_text);
}

void Shard::deliver(EnvelopePtr envelope, std::uint64_t hash) {
  if (loop_.now() >= envelope->deadline) {
    return refuse(std::move(envelope), failure_code::expired, "the deadline passed on the way");
  }
  if (phase_ != Phase::running) [[unlikely]]
    return refuse(std::move(envelope), failure_code::unavailable, why_stopped());
  Activation* found = nullptr;
  try {
    found = &activation_for(envelope->target, hash);
  } catch (...) {
    counters_.crashes.fetch_add(1, std::memory_order_relaxed);
    host_.engine().report_crash(*envelope, thrown_of(std::current_exception()));
    return refuse(std::move(envelope), failure_code::actor_crashed, "the actor can't be made");
  }
  Activation& activation = *found;
  use(activation);
  if (activation.crash_looping && !crash_records_.may_try(activation))
    return refuse_as_crash_looping(activation, std::move(envelope));
  const bool may_start_now = may_start(activation, *envelope);
  if (may_start_now && state_.may_run_at_once()) return begin(activation, std::move(envelope));
  if (activation.waiting >= host_.options().queue_limit) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    std::string why = "the queue of " + std::string(host_.name()) + '/' + envelope->target.to_string() + " is full";
    return refuse(std::move(envelope), failure_code::overloaded, std::move(why));
  }
  may_start_now ? enqueue_first(activation, std::move(envelope)) : enqueue(activation, std::move(envelope));
  if (activation.phase == Activation::Phase::ready) queue_drain(activation);
  if (activation.phase == Activation::Phase::unreadable) reload(activation);
}

void Shard::withdraw(const Key& key, std::uint64_t hash) {
  const auto found = activations_.find(Lookup{key, hash});
  if (found == activations_.end() || !(*found)->first) return;
  // Of many that are given up at once, the queue is gone through once.
  (*found)->withdrawn = true;
  queue_drain(**found);
}

bool Shard::may_start(const Activation& activation, const Envelope& envelope) const {
  if (activation.phase != Activation::Phase::ready) return false;
  if (host_.options().turns == Turns::interleaved) return running_ < interleaved_limit;
  if (activation.writing) return false;
  const bool is_next = !activation.first || activation.first == &envelope;
  if (envelope.info->effect != Effect::read) return activation.reads == 0 && is_next;
  if (is_next) return true;
  // A read that this entity's own read turn waits for must not wait for what is queued behind that turn.
  for (const ChainLink* link = envelope.chain.get(); link; link = link->parent.get()) {
    if (link->protocol == envelope.info->protocol && link->key == envelope.target) return true;
  }
  return false;
}

void Shard::refuse_all(Activation& activation, FailureCode code, const std::string& detail) {
  while (activation.first) refuse(dequeue(activation), code, detail);
}

void Shard::refuse_given_up(Activation& activation) {
  std::vector<EnvelopePtr> given_up;
  for (auto left = activation.waiting; left > 0; --left) {
    EnvelopePtr envelope = dequeue(activation);
    if (is_given_up(*envelope)) {
      given_up.push_back(std::move(envelope));
    } else {
      enqueue(activation, std::move(envelope));
    }
  }
  for (auto& envelope : given_up) refuse(std::move(envelope), failure_code::expired, given_up_text);
}

void Shard::enqueue(Activation& activation, EnvelopePtr envelope) {
  Envelope* e = envelope.release();
  e->next_in_queue = nullptr;
  (activation.last ? activation.last->next_in_queue : activation.first) = e;
  activation.last = e;
  ++activation.waiting;
  counters_.waiting.fetch_add(1, std::memory_order_relaxed);
}

void Shard::enqueue_first(Activation& activation, EnvelopePtr envelope) {
  Envelope* e = envelope.release();
  e->next_in_queue = activation.first;
  activation.first = e;
  if (!activation.last) activation.last = e;
  ++activation.waiting;
  counters_.waiting.fetch_add(1, std::memory_order_relaxed);
}

EnvelopePtr Shard::dequeue(Activation& activation) {
  Envelope* e = activation.first;
  activation.first = std::exchange(e->next_in_queue, nullptr);
  if (!activation.first) activation.last = nullptr;
  --activation.waiting;
  counters_.waiting.fetch_sub(1, std::memory_order_relaxed);
  return EnvelopePtr::adopt(e);
}

void Shard::queue_drain(Activation& activation) {
  if (std::exchange(activation.drain_queued, true)) return;
  loop_.defer({[](void* shard, std::uint64_t r) {
                 auto& activation = *reinterpret_cast<Activation*>(r);
                 static_cast<Shard*>(shard)->drain(activation);
               },
               this, reinterpret_cast<std::uint64_t>(&activation)});
}

void Shard::drain(Activation& activation) {
  if (std::exchange(activation.withdrawn, false)) refuse_given_up(activation);
  // Stays set meanwhile, so that turns which end at once don't queue it again.
  for (unsigned i = 0; i < starts_per_drain && activation.first && may_start(activation, *activation.first); ++i) {
    begin(activation, dequeue(activation));
  }
  activation.drain_queued = false;
  if (activation.phase == Activation::Phase::leaving) return activation.first ? reload(activation) : remove(activation);
  // What was withdrawn meanwhile found the drain queued and asked for none of its own.
  const bool goes_on = activation.first && (activation.withdrawn || may_start(activation, *activation.first));
  if (goes_on) queue_drain(activation);
}

void Shard::begin(Activation& activation, EnvelopePtr envelope) {
  if (refuse_if_late(envelope, loop_.now())) return;
  if (envelope->attempt > 0 && !envelope->operation.is_nil() && host_.store()) {
    return look_up(activation, std::move(envelope));
  }
  start(activation, std::move(envelope));
}

void Shard::look_up(Activation& activation, EnvelopePtr envelope) {
  activation.writing = true;
  auto request = std::make_unique<ActivationLoad>(*this, activation, [](ActivationLoad& l) {
    EnvelopePtr e = std::move(l.envelope);
    l.activation.writing = false;
    if (l.shard.phase_ != Phase::running) {
      refuse(std::move(e), failure_code::unavailable, l.shard.why_stopped());
    } else if (l.status != StoreStatus::done) {
      refuse(std::move(e), refusal_code(l.status), l.detail);
    } else if (!l.found && may_be_forgotten(e->operation, l.shard.loop().wall_time())) {
      reject_as_forgotten(std::move(e));
    } else if (!l.found) {
      if (!refuse_if_late(e, l.shard.loop().now())) return l.shard.start(l.activation, std::move(e));
    } else {
      read_reply(*e, l.found->reply);
      Shard::answer(std::move(e));
    }
    l.shard.on_turn_finished(l.activation);
  });
  request->operation = envelope->operation;
  request->envelope = std::move(envelope);
  host_.store()->load(*request.release());
}

void Shard::start(Activation& activation, EnvelopePtr envelope) {
  if (envelope->info->effect == Effect::read) {
    ++activation.reads;
  } else {
    activation.writing = true;
  }
  counters_.turns.fetch_add(1, std::memory_order_relaxed);
  (new Turn(*this, activation, std::move(envelope)))->start();
}

void Shard::on_turn_finished(Activation& activation) {
  if (phase_ != Phase::running) [[unlikely]]
    return let_go(activation);
  if (activation.phase == Activation::Phase::in_doubt) {
    // A worker's life ends with what is left of it.
    if (activation.turns || host_.is_worker()) return;
    while (activation.crash_looping && activation.first) refuse_as_crash_looping(activation, dequeue(activation));
    return reload(activation);
  }
  if (activation.crash_looping && crash_records_.handled(activation)) {
    host_.engine().report_crash_loop_ended(host_.name(), EntityAccess::key(*activation.entity));
  }
  if (activation.first) queue_drain(activation);
}

void Shard::crashed(Activation& activation, const Envelope& envelope, const std::exception_ptr& exception) {
  counters_.crashes.fetch_add(1, std::memory_order_relaxed);
  activation.phase = Activation::Phase::in_doubt;
  const Thrown thrown = thrown_of(exception);
  if (host_.is_worker()) host_.options().worker_crashed(thrown.what);
  const auto noted = crash_records_.note(activation, std::string(envelope.info->name) + ": " + thrown.what);
  host_.engine().report_crash(envelope, thrown, noted.crashes,
                              noted.is_looping ? Engine::Looping::yes : Engine::Looping::no);
}

void Shard::stop(RunningTurns running_turns, std::function<void()> stopped) {
  if (phase_ == Phase::stopped) return stopped();
  phase_ = Phase::stopping;
  stopped_.push_back(std::move(stopped));
  std::vector<EnvelopePtr> given_back;
  for (Activation* each = oldest_; each;) {
    Activation& activation = *std::exchange(each, each->newer);
    while (activation.first) {
      given_back.push_back(dequeue(activation));
      given_back.back()->failure =
          std::make_unique<Failure>(Failure::not_executed(failure_code::unavailable, why_stopped()));
    }
    for (Turn* turn = running_turns == RunningTurns::are_cut ? activation.turns : nullptr; turn;) {
      if (auto envelope = std::exchange(turn, turn->next)->cut(why_stopped())) {
        given_back.push_back(std::move(envelope));
      }
    }
    let_go(activation);
  }
  if (phase_ == Phase::stopping && activations_.empty()) end_stop();
  // Whoever asked may go on at once, which comes last.
  for (auto& envelope : given_back) answer(std::move(envelope));
}

void Shard::let_go(Activation& activation) {
  const bool is_at_store = activation.phase == Activation::Phase::loading;
  if (!activation.turns && !activation.writing && !is_at_store) remove(activation);
}

void Shard::end_stop() {
  loop_.cancel_timer(sweep_);
  phase_ = Phase::stopped;
  for (const auto& stopped : std::exchange(stopped_, {})) stopped();
}

void Shard::refuse_as_crash_looping(const Activation& activation, EnvelopePtr envelope) {
  envelope->failure = std::make_unique<Failure>(crash_records_.refusal(activation));
  answer(std::move(envelope));
}

}  // namespace troupe::engine
