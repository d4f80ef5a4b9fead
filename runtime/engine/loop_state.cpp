#include <troupe/engine/loop_state.hpp>

#include <troupe/engine/detail/outbox.hpp>

namespace troupe::engine {

LoopState::LoopState(Engine& engine, loop::Loop& loop)
    : loop(loop), requests(loop), outbox(std::make_unique<Outbox>(engine, *this)) {}

LoopState::~LoopState() = default;

}  // namespace troupe::engine
