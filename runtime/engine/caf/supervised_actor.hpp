#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <exception>
#include <string>
#include <utility>

#include <troupe/engine/caf/homed.hpp>
#include <troupe/engine/tree.hpp>
#include <troupe/supervision/event.hpp>

namespace troupe::engine {

class SupervisorActor;

/// Whose child an actor is, and what its supervisor calls this life of it.
struct Birth {
  caf::actor_addr supervisor;  ///< none: it is the root
  supervision::StartId attempt;
  supervision::ChildRef ref;
};

// The messages between supervisors and what they supervise. An exit takes the high priority of CAF's exit messages,
// and is none of them: those of the reason `kill` leave an actor no time to end what it has under way.
struct Begin {
  Birth birth;
};
struct Exit {
  ExitSignal signal;
};
struct Tell {
  supervision::Event event;
};

supervision::ExitReason reason_of(const caf::error& error);
caf::error to_error(const supervision::ExitReason& reason);

/// Puts a message behind those that an actor has.
template <class M>
void post(const caf::actor& to, M message) {
  to->enqueue(nullptr, caf::make_message_id(), caf::make_message(std::move(message)), nullptr);
}
/// Puts a message before those of normal priority.
void post_urgently(const caf::actor& to, Exit exit);

/// A child in the tree: it starts when its supervisor says so and answers what has come of it; its end is told by the
/// monitor that the supervisor keeps on it.
class SupervisedActor : public caf::event_based_actor, public Homed {
 public:
  SupervisedActor(caf::actor_config& config, loop::Loop& home) : caf::event_based_actor(config), Homed(home) {}

  /// Starts, on its loop, or before the loops run.
  void begin(Birth birth);

 protected:
  /// Errors: what it throws is why it has not started. May be over later: then it calls started().
  virtual void start() = 0;
  virtual void exit(ExitSignal signal) = 0;
  /// What it handles besides.
  virtual caf::message_handler handlers() { return {}; }

  void started();
  /// Ends this actor, too.
  void start_failed(const supervision::ExitReason& reason);
  void end(const supervision::ExitReason& reason) { quit(to_error(reason)); }

  bool is_root() const { return !birth_.supervisor; }

  caf::behavior make_behavior() final;

 private:
  void answer(supervision::Event event);

  Birth birth_;
};

}  // namespace troupe::engine

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Begin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Exit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Tell)
