#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <troupe/supervision/detail/children.hpp>
#include <troupe/supervision/event.hpp>
#include <troupe/supervision/exit_reason.hpp>

namespace troupe::supervision::detail {

/// What a supervisor does before it looks at its mailbox again, where OTP's blocks in one callback: children are
/// stopped, the last first, then others are started, in order, and then comes what the kind of job asks for.
struct Job {
  enum class Kind : std::uint8_t {
    initial_start,
    restart,   ///< of the subject, with those that its strategy takes along
    back_off,  ///< the same, as far as the wait before its start
    start_child,
    restart_child,
    terminate_child,
    shut_down,
    undo_start,  ///< a child did not start with its supervisor
  };

  Kind kind;
  Child* subject = nullptr;  ///< of restarts
  RequestId request = RequestId::none;
  ExitReason reason = {};            ///< with which the supervisor ends
  std::vector<Child*> to_stop = {};  ///< from the back
  std::vector<Child*> to_start = {};
  std::size_t started = 0;  ///< of to_start
  ChildRef result = ChildRef::none;
};

}  // namespace troupe::supervision::detail
