#include <troupe/engine/shard.hpp>

#include <utility>
#include <vector>

#include <troupe/contract/operation_age.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/exception_text.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/engine/remote.hpp>
#include <troupe/engine/resident_load.hpp>
#include <troupe/engine/turn.hpp>

namespace troupe::engine {

namespace {

constexpr unsigned starts_per_drain = 32;

void refuse(EnvelopePtr envelope, std::string_view code, std::string detail) {
  envelope->failure = std::make_unique<Failure>(Failure::Kind::not_executed, std::string(code), std::move(detail));
  Shard::answer(std::move(envelope));
}

void refuse_as_given_up(EnvelopePtr envelope) {
  refuse(std::move(envelope), failure_code::expired, "whoever asked has given up");
}

/// Answers it where nobody waits for it any more; false: somebody does.
bool refuse_if_late(EnvelopePtr& envelope, Instant now) {
  if (now >= envelope->deadline) {
    refuse(std::move(envelope), failure_code::expired, "the deadline passed in the queue");
    return true;
  }
  if (is_given_up(*envelope)) {
    refuse_as_given_up(std::move(envelope));
    return true;
  }
  return false;
}

/// Neither to be done a second time nor to be asked for ever: an answer, though nobody knows the first one.
void reject_as_forgotten(EnvelopePtr envelope) {
  envelope->failure = std::make_unique<Failure>(Failure::Kind::rejected, "operation_forgotten",
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

void Shard::deliver(EnvelopePtr envelope, std::uint64_t hash) {
  if (loop_.now() >= envelope->deadline) {
    return refuse(std::move(envelope), failure_code::expired, "the deadline passed on the way");
  }
  Resident* found = nullptr;
  try {
    found = &resident_for(envelope->target, hash);
  } catch (...) {
    counters_.crashes.fetch_add(1, std::memory_order_relaxed);
    host_.engine().report_crash(*envelope, text_of(std::current_exception()));
    return refuse(std::move(envelope), failure_code::actor_crashed, "the actor can't be made");
  }
  Resident& resident = *found;
  use(resident);
  if (may_start(resident, *envelope) && state_.may_run_at_once()) return begin(resident, std::move(envelope));
  if (resident.waiting >= host_.options().queue_limit) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    std::string why = "the queue of " + std::string(host_.name()) + '/' + envelope->target.to_string() + " is full";
    return refuse(std::move(envelope), failure_code::overloaded, std::move(why));
  }
  enqueue(resident, std::move(envelope));
  if (resident.phase == Resident::Phase::ready) queue_drain(resident);
}

void Shard::withdraw(const Key& key, std::uint64_t hash) {
  const auto found = residents_.find(Lookup{key, hash});
  if (found == residents_.end() || !(*found)->first) return;
  // Of many that are given up at once, the queue is gone through once.
  (*found)->withdrawn = true;
  queue_drain(**found);
}

bool Shard::may_start(const Resident& resident, const Envelope& envelope) const {
  if (resident.phase != Resident::Phase::ready || resident.writing) return false;
  const bool is_next = !resident.first || resident.first == &envelope;
  if (envelope.info->effect != Effect::read) return resident.reads == 0 && is_next;
  if (is_next) return true;
  // A read that this entity's own read turn waits for must not wait for what is queued behind that turn.
  for (const ChainLink* link = envelope.chain.get(); link; link = link->parent.get()) {
    if (link->protocol == envelope.info->protocol && link->key == envelope.target) return true;
  }
  return false;
}

void Shard::refuse_all(Resident& resident, std::string_view code, const std::string& detail) {
  while (resident.first) refuse(dequeue(resident), code, detail);
}

void Shard::refuse_given_up(Resident& resident) {
  std::vector<EnvelopePtr> given_up;
  for (auto left = resident.waiting; left > 0; --left) {
    EnvelopePtr envelope = dequeue(resident);
    if (is_given_up(*envelope)) {
      given_up.push_back(std::move(envelope));
    } else {
      enqueue(resident, std::move(envelope));
    }
  }
  for (auto& envelope : given_up) refuse_as_given_up(std::move(envelope));
}

void Shard::enqueue(Resident& resident, EnvelopePtr envelope) {
  Envelope* e = envelope.release();
  e->next_in_queue = nullptr;
  (resident.last ? resident.last->next_in_queue : resident.first) = e;
  resident.last = e;
  ++resident.waiting;
  counters_.waiting.fetch_add(1, std::memory_order_relaxed);
}

EnvelopePtr Shard::dequeue(Resident& resident) {
  Envelope* e = resident.first;
  resident.first = std::exchange(e->next_in_queue, nullptr);
  if (!resident.first) resident.last = nullptr;
  --resident.waiting;
  counters_.waiting.fetch_sub(1, std::memory_order_relaxed);
  return EnvelopePtr::adopt(e);
}

void Shard::queue_drain(Resident& resident) {
  if (std::exchange(resident.drain_queued, true)) return;
  loop_.defer({[](void* shard, std::uint64_t r) {
                 auto& resident = *reinterpret_cast<Resident*>(r);
                 static_cast<Shard*>(shard)->drain(resident);
               },
               this, reinterpret_cast<std::uint64_t>(&resident)});
}

void Shard::drain(Resident& resident) {
  if (std::exchange(resident.withdrawn, false)) refuse_given_up(resident);
  // Stays set meanwhile, so that turns which end at once don't queue it again.
  for (unsigned i = 0; i < starts_per_drain && resident.first && may_start(resident, *resident.first); ++i) {
    begin(resident, dequeue(resident));
  }
  resident.drain_queued = false;
  if (resident.doomed) return resident.first ? reload(resident) : remove(resident);
  if (resident.first && may_start(resident, *resident.first)) queue_drain(resident);
}

void Shard::begin(Resident& resident, EnvelopePtr envelope) {
  if (refuse_if_late(envelope, loop_.now())) return;
  if (envelope->attempt > 0 && !envelope->operation.is_nil() && host_.store()) {
    return look_up(resident, std::move(envelope));
  }
  start(resident, std::move(envelope));
}

void Shard::look_up(Resident& resident, EnvelopePtr envelope) {
  resident.writing = true;
  auto request = std::make_unique<ResidentLoad>(*this, resident, [](ResidentLoad& l) {
    EnvelopePtr e = std::move(l.envelope);
    l.resident.writing = false;
    std::vector<Fault> faults;
    if (l.status != StoreStatus::done) {
      refuse(std::move(e), refusal_code(l.status), l.detail);
    } else if (!l.found && may_be_forgotten(e->operation, l.shard.loop().wall_time())) {
      reject_as_forgotten(std::move(e));
    } else if (!l.found) {
      if (!refuse_if_late(e, l.shard.loop().now())) return l.shard.start(l.resident, std::move(e));
    } else if (e->info->reply_from_json(*e, l.found->reply, faults)) {
      Shard::answer(std::move(e));
    } else {
      e->failure = std::make_unique<Failure>(Failure::Kind::unknown, std::string(failure_code::unavailable),
                                             "the stored reply of this operation can't be read");
      Shard::answer(std::move(e));
    }
    l.shard.turn_left(l.resident);
  });
  request->operation = envelope->operation;
  request->envelope = std::move(envelope);
  host_.store()->load(*request.release());
}

void Shard::start(Resident& resident, EnvelopePtr envelope) {
  if (envelope->info->effect == Effect::read) {
    ++resident.reads;
  } else {
    resident.writing = true;
  }
  counters_.turns.fetch_add(1, std::memory_order_relaxed);
  (new Turn(*this, resident, std::move(envelope)))->start();
}

void Shard::turn_left(Resident& resident) {
  if (resident.phase == Resident::Phase::closing) {
    if (!resident.turns) reload(resident);
    return;
  }
  if (resident.first) queue_drain(resident);
}

}  // namespace troupe::engine
