#include <troupe/engine/detail/deadlock_detector.hpp>

#include <algorithm>
#include <utility>

#include <troupe/engine/detail/turn.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>

namespace troupe::engine {

namespace {

/// Probes that one loop begins in one period.
constexpr std::size_t searches_per_period = 1024;

deadlock::Party party_of(const Envelope& envelope) {
  return {std::string(envelope.info->protocol->name), envelope.target, std::string(envelope.info->name)};
}

Failure failure_of(const deadlock::Probe& probe) {
  const deadlock::Wait& asked = probe.path.front();
  return Failure::not_executed(
      failure_code::call_deadlock,
      to_text(asked.asked) + " waits for " + to_text(asked.waiter) + ", which asked it, by way of another call chain");
}

}  // namespace

DeadlockDetector::DeadlockDetector(Engine& engine, LoopState& state) : engine_(engine), state_(state), timer_(*this) {}

DeadlockDetector::~DeadlockDetector() { state_.loop.cancel_timer(timer_); }

void DeadlockDetector::start_timer(Duration after) { state_.loop.start_timer(timer_, state_.loop.now() + after); }

bool DeadlockDetector::is_due(Duration age) {
  const auto periods = (age - deadlock::suspicion) / deadlock::period;
  return periods < 3 || periods % 10 == 0;
}

void DeadlockDetector::begin_period() {
  prober_.begin_period();
  suspects_.clear();
  std::vector<std::uint64_t> due;
  bool is_needed = false;
  state_.requests.each_open_ask([&](const PendingRequests::OpenAsk& waiting) {
    is_needed = true;
    const auto age = std::chrono::duration_cast<Duration>(state_.loop.now() - waiting.since);
    const bool is_suspect = age >= deadlock::suspicion && waiting.context->handles();
    if (!is_suspect || waiting.asked->info->scope == Scope::directory) return;
    suspects_.push_back({waiting.context, waiting.request});
    if (is_due(age)) due.push_back(waiting.request);
  });
  if (is_needed) start_timer(suspects_.empty() ? deadlock::suspicion : deadlock::period);
  std::ranges::stable_sort(suspects_, std::less<>(), &Suspect::turn);
  // Of too many, others come first the next time.
  const std::size_t begin = due.size() > searches_per_period ? state_.loop.random() % due.size() : 0;
  for (std::size_t i = 0; i < std::min(due.size(), searches_per_period); ++i) {
    const auto waiting = state_.requests.find_open_ask(due[(begin + i) % due.size()]);
    if (waiting) follow(deadlock::Prober::begin(wait_of(*waiting)));
  }
}

deadlock::Wait DeadlockDetector::wait_of(const PendingRequests::OpenAsk& waiting) const {
  return {.ask = {engine_.node_name(), static_cast<std::uint32_t>(state_.loop.index()), waiting.request},
          .since = engine_.calendar_time_of(waiting.since),
          .waiter = party_of(*waiting.context->handles()),
          .asked = party_of(*waiting.asked)};
}

std::vector<deadlock::Wait> DeadlockDetector::waits_of(const std::vector<const Turn*>& turns) const {
  std::vector<deadlock::Wait> waits;
  for (const CallContext* turn : turns) {
    for (const Suspect& suspect : std::ranges::equal_range(suspects_, turn, std::less<>(), &Suspect::turn)) {
      const auto waiting = state_.requests.find_open_ask(suspect.request);
      if (waiting && waiting->context == turn) waits.push_back(wait_of(*waiting));
    }
  }
  return waits;
}

void DeadlockDetector::visit(Shard& shard, const Key& target, const AskNumber& ask, deadlock::Probe probe) {
  const AskPosition position = shard.position_of(target, ask);
  if (deadlock::Prober::fails(probe, position.standing)) return fail(shard, target, ask, probe);
  const deadlock::Scene scene{position.standing, waits_of(position.turns)};
  for (deadlock::Probe& next : prober_.visit(std::move(probe), scene)) follow(std::move(next));
}

void DeadlockDetector::follow(deadlock::Probe probe) {
  const auto waiting = state_.requests.find_open_ask(probe.followed().ask.request);
  if (waiting) engine_.follow(*waiting, state_, std::move(probe));
}

void DeadlockDetector::fail(Shard& shard, const Key& target, const AskNumber& ask, const deadlock::Probe& probe) {
  EnvelopePtr envelope = shard.take_deadlocked(target, ask);
  if (!envelope) return;
  engine_.report_deadlock(probe.path);
  envelope->failure = std::make_unique<Failure>(failure_of(probe));
  Shard::answer(std::move(envelope));
}

}  // namespace troupe::engine
