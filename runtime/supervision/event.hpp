#pragma once

#include <any>
#include <cstdint>
#include <string>
#include <variant>

#include <troupe/supervision/exit_reason.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::supervision {

/// One life of a child, OTP's pid. Whoever starts children gives it, and never the same twice to one supervisor.
enum class ChildRef : std::uint64_t { none = 0 };
/// One attempt to start a child; the supervisor's.
enum class StartId : std::uint64_t { none = 0 };
/// One timer; the supervisor's.
enum class TimerId : std::uint64_t { none = 0 };
/// What an asker calls its request, never none; comes back with the reply.
enum class RequestId : std::uint64_t { none = 0 };

/// How a child is named: by its id, and in simple_one_for_one by its ref, while it restarts by its last one.
using ChildName = std::variant<std::string, ChildRef>;

/// Starts the supervisor: all its children, in their order.
struct Start {};

/// Answers to a command to start a child, one to each.
struct ChildStarted {
  StartId attempt;
  ChildRef ref;
};
/// There is nothing to start, and that is no error.
struct ChildIgnored {
  StartId attempt;
};
struct ChildStartFailed {
  StartId attempt;
  ExitReason reason;
};

/// A child has ended, seen by whoever watches it from outside: a monitor, which no child can take off.
struct ChildExited {
  ChildRef ref;
  ExitReason reason;
};

/// What a Requeue command carried, come back through the supervisor's own mailbox.
struct TryAgain {
  ChildName child;
};

struct TimerFired {
  TimerId timer;
};

/// Ends the supervisor and before it, in reverse order, its children. From its own parent.
struct Stop {
  ExitReason reason;
};

/// Ends it at once. What its children get is what OTP's links would bring them.
struct Kill {};

/// What others may ask of a supervisor; each is answered by one Reply.
namespace request {

/// Adds a child behind the others and starts it; its spec is kept unless the start fails.
struct StartChild {
  RequestId request;
  ChildSpec spec;
};
/// Starts one more child of a simple_one_for_one supervisor.
struct StartDynamicChild {
  RequestId request;
  std::any arguments;  ///< handed to whoever starts it; kept for restarts
};
/// Stops a child, for good; its spec is kept unless it is temporary.
struct TerminateChild {
  RequestId request;
  ChildName child;
};
/// Starts a child that is stopped.
struct RestartChild {
  RequestId request;
  ChildName child;
};
/// Takes the spec of a stopped child away.
struct DeleteChild {
  RequestId request;
  ChildName child;
};
/// New flags and specs, as by OTP's code_change: children run on, under the new spec with their id; those without one
/// keep theirs, behind the others; specs that are new are there but not started.
struct Reload {
  RequestId request;
  SupervisorSpec spec;
};

}  // namespace request

using Event = std::variant<Start, ChildStarted, ChildIgnored, ChildStartFailed, ChildExited, TryAgain, TimerFired, Stop,
                           Kill, request::StartChild, request::StartDynamicChild, request::TerminateChild,
                           request::RestartChild, request::DeleteChild, request::Reload>;

/// Of an event that is a request, which; else none.
RequestId request_of(const Event& event);

}  // namespace troupe::supervision
