#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/supervision/event.hpp>
#include <troupe/supervision/exit_reason.hpp>
#include <troupe/supervision/report.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::supervision {

/// Why a request was not carried out.
enum class Refusal : std::uint8_t {
  already_started,     ///< the reply has the ref of the child that runs under this id
  already_present,     ///< a stopped or restarting child has this id
  not_found,           ///< no child has this name
  running,             ///< only a stopped child can be restarted or deleted
  restarting,          ///< the same
  start_failed,        ///< the reply says why
  simple_one_for_one,  ///< not for this strategy, or only by ref
  bad_spec,            ///< the reply has the faults
  overloaded,          ///< too many requests wait already
  terminated,          ///< the supervisor has ended, or ends
};

/// What a supervisor wants done. Whoever drives it carries these out in their order.
namespace command {

/// To be answered by one ChildStarted, ChildIgnored or ChildStartFailed, at any later time.
struct StartChild {
  StartId attempt;
  std::shared_ptr<const ChildSpec> spec;
  std::any arguments;  ///< of a dynamic child, what its request carried
};
/// The start takes too long: it shall come to its answer soon.
struct CancelStart {
  StartId attempt;
};
/// To be answered by ChildExited in any case, also where the child has ended already.
struct ExitChild {
  enum class Signal : std::uint8_t { shutdown, kill };
  ChildRef ref;
  Signal signal;
};
struct ArmTimer {
  TimerId timer;
  Duration after;
};
struct CancelTimer {
  TimerId timer;
};
/// A restart failed. It is tried again when this event has gone through the supervisor's mailbox, behind what waits
/// there: a request to stop comes in between.
struct Requeue {
  TryAgain event;
};
struct Reply {
  RequestId request;
  std::optional<Refusal> refusal;  ///< nothing: it was done
  ChildRef child;                  ///< what was started; none where the start was ignored
  std::string why;
};
/// All children have started.
struct Started {};
/// A child did not start; those that had are stopped. This supervisor has never been.
struct StartFailed {
  ExitReason reason;
};
/// The supervisor has ended; no child of it is left, but after a Kill what was told to end just before.
struct Terminate {
  ExitReason reason;
};

}  // namespace command

using Command = std::variant<command::StartChild, command::CancelStart, command::ExitChild, command::ArmTimer,
                             command::CancelTimer, command::Requeue, command::Reply, command::Started,
                             command::StartFailed, command::Terminate, Report, Progress>;
using Commands = std::vector<Command>;

}  // namespace troupe::supervision
