#include <troupe/engine/caf/leaf_actor.hpp>

#include <caf/actor_cast.hpp>
#include <utility>

namespace troupe::engine {

caf::message_handler LeafActor::handlers() {
  return caf::message_handler{[this](LeafEnded& ended) { end(ended.reason); }};
}

void LeafActor::start() {
  leaf_ = make_(home());
  Leaf::Told told;
  told.started = [this] { started(); };
  // The leaf may be on the stack when it tells of its end: it goes by a message.
  told.ended = [self = caf::actor_cast<caf::actor_addr>(this)](supervision::ExitReason reason) {
    if (const auto actor = caf::actor_cast<caf::actor>(self)) post(actor, LeafEnded{std::move(reason)});
  };
  leaf_->start(std::move(told));
}

void LeafActor::exit(ExitSignal signal) {
  if (leaf_) return leaf_->exit(signal);
  end(signal == ExitSignal::kill ? supervision::ExitReason::killed() : supervision::ExitReason::shutdown());
}

}  // namespace troupe::engine
