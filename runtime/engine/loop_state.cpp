#include <troupe/engine/loop_state.hpp>

#include <troupe/engine/call_context.hpp>
#include <troupe/engine/detail/outbox.hpp>

namespace troupe::engine {

namespace {

void describe(const void* state, loop::Activity& activity) noexcept {
  const CallContext* running = static_cast<const LoopState*>(state)->running.load(std::memory_order_relaxed);
  if (running) running->describe(activity);
}

}  // namespace

LoopState::LoopState(Engine& engine, loop::Loop& loop)
    : loop(loop), requests(loop), outbox(std::make_unique<Outbox>(engine, *this)) {
  loop.set_activity_source({&describe, this});
}

LoopState::~LoopState() { loop.set_activity_source({}); }

}  // namespace troupe::engine
