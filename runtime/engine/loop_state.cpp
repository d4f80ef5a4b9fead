#include <troupe/engine/loop_state.hpp>

#include <troupe/engine/call_context.hpp>
#include <troupe/engine/detail/deadlock_detector.hpp>
#include <troupe/engine/detail/outbox.hpp>
#include <troupe/engine/edge.hpp>

namespace troupe::engine {

namespace {

/// In a signal's handler: it reads what only this thread writes.
void describe(const void* state, loop::Activity& activity) noexcept {
  const CallContext* running = static_cast<const LoopState*>(state)->running.load(std::memory_order_relaxed);
  if (!running) return;
  const Envelope* handled = running->handles();
  if (!handled) {
    activity.protocol = running->caller_name();
    return;
  }
  activity.protocol = handled->info->protocol->name;
  activity.message = handled->info->name;
  const Key& key = handled->target;
  key.is_text() ? activity.set_key(key.text()) : activity.set_key(key.id());
}

}  // namespace

LoopState::LoopState(Engine& engine, loop::Loop& loop)
    : loop(loop),
      requests(loop),
      outbox(std::make_unique<Outbox>(engine, *this)),
      deadlocks(std::make_unique<DeadlockDetector>(engine, *this)) {
  loop.set_activity_source({&describe, this});
}

LoopState::~LoopState() { loop.set_activity_source({}); }

}  // namespace troupe::engine
