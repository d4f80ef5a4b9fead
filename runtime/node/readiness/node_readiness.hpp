#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/node/detail/ask_every_loop.hpp>
#include <troupe/node/readiness/actor_probes.hpp>
#include <troupe/node/readiness/dependency_probe.hpp>
#include <troupe/observe/health.hpp>

namespace troupe::node {

/// What a node's readiness knows from elsewhere; all on the first loop.
struct ReadinessSources {
  /// Why the node wants no requests, whatever works: it is starting, or ending. Nothing: it wants them.
  std::function<std::optional<std::string>()> trouble_of_node;
  /// Why a loop is known to be stuck; nothing: it is not.
  std::function<std::optional<std::string>(std::size_t loop)> trouble_of_loop;
  /// What else there is to tell of.
  std::function<std::vector<observe::Check>()> checks;
};

/// Whether requests may be sent to a node: its loops, actors and supervisors, the protocols that its gateway needs, and
/// what the sources tell of.
///
/// Whoever asks while it looks hears what it finds, and what it found a moment ago stands: a flood of questions costs
/// one look at a time, and a few in a second.
/// Threads: the first loop's. Lifetime: outlives the engine's work.
class NodeReadiness {
 public:
  /// The engine has started. `dependencies`: null where nothing is waited for.
  NodeReadiness(engine::Engine& engine, DependencyProbe* dependencies, ReadinessSources sources);

  /// Calls `then` when everything has answered or had its time, which is a second.
  void ask(std::function<void(observe::Readiness)> then);

 private:
  struct Alive {};

  void look();
  void part_done();
  std::vector<observe::Check> found() const;
  /// What should run of that part and does not.
  std::optional<std::string> trouble_of(engine::TreePart part) const;
  observe::Readiness answer() const;

  engine::Engine& engine_;
  loop::Loop& home_;
  DependencyProbe* dependencies_;
  ReadinessSources sources_;
  ActorProbes actors_;
  LoopAnswers<Alive> loops_;
  std::size_t open_ = 0;  ///< parts of the look that is under way
  Instant looked_at_{};
  std::vector<observe::Check> checks_;  ///< as of the last look; empty: there was none
  std::vector<std::function<void(observe::Readiness)>> waiting_;
};

}  // namespace troupe::node
