#include "runtime/engine/call_context.hpp"

#include <algorithm>
#include <stdexcept>

#include "runtime/engine/blocking_pool.hpp"
#include "runtime/engine/engine.hpp"

namespace troupe::engine {

namespace {

std::unique_ptr<Failure> not_executed(std::string_view code, std::string detail) {
  return std::make_unique<Failure>(Failure::Kind::not_executed, std::string(code), std::move(detail));
}

std::string named(const Envelope& e) { return std::string(e.info->protocol->name) + '.' + std::string(e.info->name); }

/// The link of an entity in a call chain, if it is there.
const ChainLink* find_link(const ChainLink* chain, const ProtocolInfo* protocol, const Key& key) {
  while (chain && !(chain->protocol == protocol && chain->key == key)) chain = chain->parent.get();
  return chain;
}

}  // namespace

Waiting::~Waiting() {
  for (auto& slot : slots_) loop_.cancel_timer(slot);
}

std::uint64_t Waiting::number_of(const Slot& slot) {
  return (static_cast<std::uint64_t>(slot.generation) << 32) | (slot.index + 1U);
}

Waiting::Slot& Waiting::take(CallContext& context, Listener& listener, Instant due) {
  if (free_.empty()) {
    auto& slot = slots_.emplace_back(&Waiting::timed_out);
    slot.owner = this;
    slot.index = static_cast<std::uint32_t>(slots_.size() - 1);
    free_.push_back(slot.index);
  }
  Slot& slot = slots_[free_.back()];
  free_.pop_back();
  slot.context = &context;
  slot.listener = &listener;
  slot.ask = nullptr;
  loop_.start_timer(slot, due);
  return slot;
}

Waiting::Slot* Waiting::find(std::uint64_t number) {
  const std::uint64_t index = (number & 0xffff'ffffU) - 1;
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  return slot.context && slot.generation == number >> 32 ? &slot : nullptr;
}

void Waiting::release(Slot& slot) noexcept {
  loop_.cancel_timer(slot);
  ++slot.generation;
  slot.context = nullptr;
  slot.ask = nullptr;
  free_.push_back(slot.index);
}

std::uint64_t Waiting::wait_for(PendingAsk& ask, CallContext& context, Instant deadline) {
  Slot& slot = take(context, *ask.listener, deadline);
  slot.ask = &ask;
  return number_of(slot);
}

std::uint64_t Waiting::wait_until(Instant due, Listener& listener, CallContext& context) {
  return number_of(take(context, listener, due));
}

void Waiting::forget(std::uint64_t number) noexcept {
  if (Slot* slot = find(number)) release(*slot);
}

void Waiting::resume(Slot& slot) {
  CallContext& context = *slot.context;
  Listener& listener = *slot.listener;
  release(slot);
  context.resume(listener);
}

void Waiting::answer(std::uint64_t number, EnvelopePtr envelope) {
  Slot* slot = find(number);
  if (!slot || !slot->ask || slot->ask->answered) return;
  PendingAsk& ask = *slot->ask;
  ask.failure = std::move(envelope->failure);
  ask.envelope = std::move(envelope);
  ask.answered = true;
  loop_.cancel_timer(*slot);
  loop_.defer({[](void* waiting, std::uint64_t n) {
                 auto& self = *static_cast<Waiting*>(waiting);
                 Slot* answered = self.find(n);
                 if (!answered) return;
                 answered->ask->request = 0;
                 self.resume(*answered);
               },
               this, number});
}

void Waiting::timed_out(Timer& timer) {
  auto& slot = static_cast<Slot&>(timer);
  if (slot.ask) {
    PendingAsk& ask = *slot.ask;
    ask.failure = std::make_unique<Failure>(Failure::Kind::unknown, std::string(failure_code::timeout),
                                            named(*ask.envelope) + " did not answer before the deadline");
    ask.envelope = {};
    ask.answered = true;
    ask.request = 0;
  }
  slot.owner->resume(slot);
}

void CallContext::go() {
  entered();
  ++loop_.depth;
  const bool done = run();
  --loop_.depth;
  if (done) ended();
}

void CallContext::resume(Listener& listener) {
  entered();
  ++loop_.depth;
  listener.on_ready();
  const bool done = run();
  --loop_.depth;
  if (done) ended();
}

std::unique_ptr<Failure> CallContext::refuse(const PendingAsk& ask) {
  const Envelope& e = *ask.envelope;
  if (loop_.now() >= e.deadline) {
    return not_executed(failure_code::expired, "the deadline had passed before " + named(e) + " was asked");
  }
  if (reads_only() && e.info->effect != Effect::read) {
    return not_executed(failure_code::read_only, "a read turn asked " + named(e) + ", which is not a read");
  }
  if (!e.chain) return nullptr;
  if (e.chain->depth >= max_chain_depth) {
    return not_executed(failure_code::too_many_hops, named(e) + " would be hop 33 of its call chain");
  }
  if (e.info->scope == Scope::directory) return nullptr;
  const ChainLink* link = find_link(e.chain.get(), e.info->protocol, e.target);
  if (link && !(e.info->effect == Effect::read && link->effect == Effect::read)) {
    return not_executed(failure_code::call_cycle,
                        named(e) + " of " + e.target.to_string() + " was asked by a call that it waits for itself");
  }
  return nullptr;
}

void CallContext::ask(PendingAsk& ask) {
  Envelope& e = *ask.envelope;
  e.deadline = std::min(deadline_, loop_.now() + engine_.call_timeout(*e.info->protocol));
  e.origin = origin_;
  e.chain = chain();
  if (e.info->effect == Effect::keyed && e.operation.is_nil()) e.operation = loop_.make_id();
  if (auto refused = refuse(ask)) {
    ask.failure = std::move(refused);
    ask.answered = true;
    return;
  }
  if (e.info->effect != Effect::read) asked_effect_ = true;
  engine_.ask(ask, *this);
}

void CallContext::forget(PendingAsk& ask) noexcept { loop_.waiting->forget(std::exchange(ask.request, 0)); }

void CallContext::run_blocking(std::shared_ptr<BlockingJob> job) { engine_.blocking().submit(std::move(job), loop_); }

std::uint64_t CallContext::start_pause(Duration duration, Listener& listener) {
  return loop_.waiting->wait_until(std::min(deadline_, loop_.now() + duration), listener, *this);
}

void CallContext::cancel_pause(std::uint64_t pause) noexcept { loop_.waiting->forget(pause); }

bool CallContext::start_commit(Listener&) { return true; }

std::unique_ptr<Failure> CallContext::take_commit_failure() { return nullptr; }

void CallContext::send(EnvelopePtr) {
  throw std::logic_error("only a turn of an entity can send: its commit carries the message");
}

}  // namespace troupe::engine
