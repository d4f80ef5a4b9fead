#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/supervision/event.hpp>
#include <troupe/supervision/exit_reason.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::supervision {

enum class ChildState : std::uint8_t {
  stopped,
  running,
  restarting,   ///< its restart is under way, or has failed and is tried again
  backing_off,  ///< it waits for its restart
};

/// What `which_children` tells of a child.
struct ChildInfo {
  std::string id;                 ///< in simple_one_for_one that of the template
  ChildRef ref = ChildRef::none;  ///< its life; where it does not run, its last one
  ChildType type = ChildType::worker;
  ChildState state = ChildState::stopped;

  friend bool operator==(const ChildInfo&, const ChildInfo&) = default;
};

/// What `count_children` tells; supervisors and workers count whether they run or not.
struct ChildCounts {
  std::size_t specs = 0;
  std::size_t active = 0;
  std::size_t supervisors = 0;
  std::size_t workers = 0;

  friend bool operator==(const ChildCounts&, const ChildCounts&) = default;
};

/// A child for a status page.
struct ChildSnapshot {
  std::string name;
  ChildRef ref = ChildRef::none;
  ChildType kind = ChildType::worker;
  Restart restart = Restart::permanent;
  ChildState state = ChildState::stopped;
  std::uint64_t restarts = 0;  ///< in all
  std::optional<ExitReason> last_reason = {};
};

/// A supervisor and its children for a status page; those that are supervisors have a snapshot of their own.
struct Snapshot {
  std::string name;
  Strategy strategy = Strategy::one_for_one;
  ChildCounts counts = {};
  std::vector<ChildSnapshot> children = {};  ///< in the order of their start
  std::size_t left_out = 0;                  ///< children beyond as many as were asked for
};

}  // namespace troupe::supervision
