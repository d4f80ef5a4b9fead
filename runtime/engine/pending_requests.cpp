#include <troupe/engine/pending_requests.hpp>

#include <utility>

#include <troupe/engine/call_context.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

namespace {

/// Request numbers leave their highest bit to others: a router's own requests have it.
constexpr std::uint32_t last_generation = 0x7fff'ffff;

}  // namespace

PendingRequests::~PendingRequests() {
  for (auto& slot : slots_) loop_.cancel_timer(slot);
}

std::uint64_t PendingRequests::number_of(const Slot& slot) {
  return (static_cast<std::uint64_t>(slot.generation) << 32) | (slot.index + 1U);
}

PendingRequests::Slot& PendingRequests::take(CallContext& context, Listener& listener, Instant due) {
  if (free_.empty()) {
    auto& slot = slots_.emplace_back(&PendingRequests::time_is_up);
    slot.owner = this;
    slot.index = static_cast<std::uint32_t>(slots_.size() - 1);
    free_.push_back(slot.index);
  }
  Slot& slot = slots_[free_.back()];
  free_.pop_back();
  slot.context = &context;
  slot.listener = &listener;
  slot.ask = nullptr;
  slot.since = loop_.now();
  loop_.start_timer(slot, due);
  return slot;
}

const PendingRequests::Slot* PendingRequests::find(std::uint64_t number) const {
  const std::uint64_t index = (number & 0xffff'ffffU) - 1;
  if (index >= slots_.size()) return nullptr;
  const Slot& slot = slots_[index];
  return slot.context && slot.generation == number >> 32 ? &slot : nullptr;
}

void PendingRequests::release(Slot& slot) noexcept {
  loop_.cancel_timer(slot);
  slot.generation = slot.generation == last_generation ? 1 : slot.generation + 1;
  slot.context = nullptr;
  slot.ask = nullptr;
  slot.attempts.uncertain.reset();
  free_.push_back(slot.index);
}

std::uint64_t PendingRequests::wait_for(PendingAsk& ask, CallContext& context, Instant until, Attempts attempts) {
  Slot& slot = take(context, *ask.listener, until);
  slot.ask = &ask;
  slot.attempts = std::move(attempts);
  return number_of(slot);
}

std::uint64_t PendingRequests::wait_until(Instant due, Listener& listener, CallContext& context) {
  return number_of(take(context, listener, due));
}

void PendingRequests::forget(std::uint64_t number) noexcept {
  Slot* slot = find(number);
  if (!slot) return;
  if (is_out(*slot)) {
    slot->context->engine().forget(slot->attempts.branch->edge().host(), *slot->ask->envelope, number, loop_);
  }
  release(*slot);
}

void PendingRequests::resume(Slot& slot) {
  CallContext& context = *slot.context;
  Listener& listener = *slot.listener;
  release(slot);
  context.resume(listener);
}

EnvelopePtr PendingRequests::envelope_of(std::uint64_t number) {
  const Slot* slot = find(number);
  const bool waits = slot && slot->ask && !slot->ask->answered;
  return waits ? slot->ask->envelope : EnvelopePtr();
}

PendingRequests::OpenAsk PendingRequests::open_ask_of(const Slot& slot) {
  return {number_of(slot), slot.since, slot.context, slot.ask->envelope.get(), &slot.attempts.branch->edge().host()};
}

std::optional<PendingRequests::OpenAsk> PendingRequests::find_open_ask(std::uint64_t number) const {
  const Slot* slot = find(number);
  return slot && is_out(*slot) ? std::optional(open_ask_of(*slot)) : std::nullopt;
}

void PendingRequests::answer(std::uint64_t number, EnvelopePtr envelope) {
  Slot* slot = find(number);
  if (!slot || !slot->ask || slot->ask->answered) return;
  PendingAsk& ask = *slot->ask;
  ask.failure = std::move(envelope->failure);
  ask.envelope = std::move(envelope);
  if (!slot->context->settle(ask, slot->attempts, CallContext::Returned::yes)) return release(*slot);
  loop_.cancel_timer(*slot);
  loop_.defer({[](void* waiting, std::uint64_t n) {
                 auto& self = *static_cast<PendingRequests*>(waiting);
                 Slot* answered = self.find(n);
                 if (!answered) return;
                 answered->ask->request = 0;
                 self.resume(*answered);
               },
               this, number});
}

void PendingRequests::time_is_up(loop::Timer& timer) {
  auto& slot = static_cast<Slot&>(timer);
  PendingRequests& self = *slot.owner;
  if (!slot.ask) return self.resume(slot);
  PendingAsk& ask = *slot.ask;
  CallContext& context = *slot.context;
  Attempts attempts = std::move(slot.attempts);
  const bool is_out = attempts.phase == Attempts::Phase::under_way;
  if (is_out) context.engine().forget(attempts.branch->edge().host(), *ask.envelope, number_of(slot), self.loop_);
  self.release(slot);
  ask.request = 0;
  if (attempts.phase == Attempts::Phase::backing_off) return context.repeat(ask, attempts);
  context.timed_out(ask, attempts);
}

}  // namespace troupe::engine
