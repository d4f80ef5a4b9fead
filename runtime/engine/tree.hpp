#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/loop/loop.hpp>
#include <troupe/supervision/command.hpp>
#include <troupe/supervision/exit_reason.hpp>
#include <troupe/supervision/snapshot.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::engine {

/// How something supervised is told to end: in its own time, or now.
using ExitSignal = supervision::command::ExitChild::Signal;

/// One life of something that a supervisor starts and that supervises nothing itself, other than a shard.
///
/// Threads: its loop's. Lifetime: made when it is started, destroyed when it has ended.
class Leaf {
 public:
  /// Whom it tells of itself, each once; not after its destruction.
  struct Told {
    std::function<void()> started;  ///< it is up
    /// It has ended, by itself or because of a signal; where it was not up, that is why it has not started.
    std::function<void(supervision::ExitReason)> ended;
  };

  virtual ~Leaf() = default;
  /// Begins. It may be up before this returns, or only later, but ends later only. Before the loops run, this may be on
  /// another thread. Errors: what it throws is why it has not started.
  virtual void start(Told told) = 0;
  /// It shall end: at a `shutdown` as soon as what it has under way is done, at a `kill` at once. May come twice, the
  /// second time as a kill. Not while anything of it is on the stack.
  virtual void exit(ExitSignal signal) = 0;
};

/// How to make the lives of a leaf, and where they are lived.
struct LeafSpec {
  std::size_t loop = 0;
  std::function<std::unique_ptr<Leaf>(loop::Loop&)> make;
};

/// How a worker is supervised, where it is not as OTP has it by default.
struct WorkerPolicy {
  supervision::Restart restart = supervision::Restart::permanent;
  std::optional<supervision::Shutdown> shutdown = {};
  std::optional<Duration> start_timeout = {};
};

/// Of what the supervision tree of a node is made: all that its engine hosts, by name.
///
/// ```
/// NODE                       root: escalation ends here, and the node gives up
///   DOMAIN
///     storage                up before the shards, and until they have ended
///       PROTOCOL             the lane of its store
///     PROTOCOL               one for each that lives here; [actors.PROTOCOL] supervision
///       0, 1, …              its shards
///     workers
///       outbox               where any protocol of the domain lives here
///       NAME
/// ```
struct TreeOutline {
  struct Protocol {
    std::string name;
    std::vector<std::uint32_t> shards;                   ///< those that live here
    std::function<std::any(std::uint32_t shard)> start;  ///< what a shard's spec has to start; empty: nothing
  };
  struct Worker {
    std::string name;
    std::any start;
    WorkerPolicy policy = {};
  };
  struct Domain {
    std::string name;
    std::vector<Protocol> protocols;
    std::vector<Worker> workers;
    std::any relay = {};             ///< of its outbox, as a worker's start
    std::vector<Worker> lanes = {};  ///< of the stores of its protocols
  };

  std::string node;
  std::vector<Domain> domains;
};

/// How the relay of a domain's outbox is called among its workers.
inline constexpr std::string_view relay_name = "outbox";

/// How the supervisor of the lanes of a domain's stores is called, and that of its workers.
inline constexpr std::string_view lanes_name = "storage";
inline constexpr std::string_view workers_name = "workers";

/// The flags of what has this path (ids below the root, with `/` between them; the root's is empty); none: OTP's
/// defaults.
using FlagsOf = std::function<std::optional<supervision::SupervisorFlags>(const std::string& path)>;

/// The tree as data. Shards have the type `shard`. A worker or lane that has flags stands below a supervisor of its
/// own, of the same name, with these.
supervision::SupervisorSpec make_tree(const TreeOutline& outline, const FlagsOf& flags_of = {});

/// The two parts of a tree. Of the first is all that the messages of entities need: root, domains, storage lanes,
/// protocols and shards.
enum class TreePart : std::uint8_t { shards, workers };

/// To which part belongs what has this path below the root.
TreePart part_of(std::string_view path);

/// What a tree is at this moment. Shards of one protocol are one row.
struct TreeNode {
  std::string name;
  supervision::ChildType kind = supervision::ChildType::worker;
  std::optional<supervision::Strategy> strategy;  ///< of supervisors
  supervision::Restart restart = supervision::Restart::permanent;
  supervision::ChildState state = supervision::ChildState::stopped;
  std::uint64_t restarts = 0;  ///< in all
  std::optional<std::string> last_reason;
  std::size_t count = 1;    ///< of shards: how many this row stands for
  std::size_t running = 0;  ///< of these
  std::vector<TreeNode> children;
};

/// What should run and does not.
struct MissingActor {
  std::string path;  ///< as Engine::kill() takes it; of the root: empty
  supervision::ChildState state = supervision::ChildState::stopped;
  std::optional<std::string> last_reason;
};

}  // namespace troupe::engine
