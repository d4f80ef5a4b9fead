#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/engine/shard.hpp>
#include <troupe/engine/tree.hpp>
#include <troupe/loop/loop_driver.hpp>
#include <troupe/supervision/event.hpp>
#include <troupe/supervision/report.hpp>

namespace troupe::engine {

/// What a tree tells. On the first loop, or before the loops run.
struct TreeHooks {
  std::function<void(const supervision::Report&)> report;
  std::function<void()> started;                              ///< all of it is up
  std::function<void(const supervision::ExitReason&)> ended;  ///< the root, with all that was below it, or it is not up
};

/// CAF, as this engine uses it: supervisors, shards and workers are its actors, watched by its monitors, ended with
/// its exit reasons; the mailbox of a shard's actor is the one road to it from other loops; a scheduler of ours runs
/// all of them on our loops. Nothing else includes CAF.
class ActorSystem {
 public:
  explicit ActorSystem(loop::LoopDriver& driver);
  ~ActorSystem();
  ActorSystem(const ActorSystem&) = delete;
  ActorSystem& operator=(const ActorSystem&) = delete;

  /// That of an actor. Before the loops start.
  static void give_mailbox(Shard& shard);
  /// Starts all that the spec names, before the loops start: on this thread as far as it comes, and behind the first
  /// leaf whose start takes longer once they run. The `start` of a leaf is a `Shard*` that was given a mailbox here, or
  /// a LeafSpec. Errors: throws std::invalid_argument with the faults of the spec.
  void start_tree(const supervision::SupervisorSpec& spec, const std::string& name, TreeHooks hooks);
  /// Which child has not started, and why. Once the hook has told that the tree has ended before it was up.
  const std::string& start_error() const;
  /// Ends it in reverse order; then the hook is called. Threads: any.
  void stop_tree();
  /// Threads: of the first loop, as the next.
  TreeNode tree() const;
  /// What should run and does not, at most so many.
  std::vector<MissingActor> missing(TreePart part, std::size_t most) const;
  /// Ends what has this path as if it had failed. False: there is no such thing alive.
  bool kill(const std::string& path);
  /// Asks the supervisor of this path for something, of the dynamic ones another child. False: there is none alive.
  bool request(const std::string& path, supervision::Event request);
  /// After the loops have stopped: no actor runs any more.
  void refuse();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::engine
