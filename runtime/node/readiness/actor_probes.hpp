#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/observe/health.hpp>

namespace troupe::node {

/// Whether a node's actors work: asks one shard of each protocol on each loop, as messages reach it, which shows that
/// mailbox, scheduler and storage go on. Other shards share those; of their own ends supervisors tell.
///
/// So there are as many probes as loops times protocols, however many shards and askers there are: a shard that has not
/// answered is not asked again.
/// Threads: the first loop's. Lifetime: outlives the engine's work.
class ActorProbes final : private loop::Timer {
 public:
  /// The engine has started.
  explicit ActorProbes(engine::Engine& engine);
  ~ActorProbes();
  ActorProbes(const ActorProbes&) = delete;
  ActorProbes& operator=(const ActorProbes&) = delete;

  /// Asks, and calls `then` when all have answered or had their time.
  void look(std::function<void()> then);

  /// One for each protocol with entities here, as of the last look. It fails where an actor says that it does not work,
  /// or has left the same question unanswered over two looks in a row. It is degraded where one is slow for one look
  /// only, or where loops that are stuck keep their actors from answering: what lives on the others works.
  std::vector<observe::Check> checks(const std::function<bool(std::size_t loop)>& is_stuck) const;

  /// How many shards are asked.
  std::size_t size() const { return probes_.size(); }

 private:
  struct Probe {
    engine::Shard* shard;
    bool is_open = false;  ///< it was asked and has not answered
    Instant asked_at{};
    unsigned looks = 0;     ///< that have ended with it open
    std::string trouble{};  ///< its last answer; empty: it works
  };
  enum class State : std::uint8_t { works, slow, dead };

  void ask(Probe& probe);
  void heard(Probe& probe, std::string trouble);
  void finish();
  static State state_of(const Probe& probe);
  /// Where it does not work, why.
  std::string trouble_of(const Probe& probe) const;

  engine::Engine& engine_;
  loop::Loop& home_;
  std::vector<Probe> probes_;  ///< those of one protocol in a row
  std::size_t open_ = 0;       ///< of these
  std::vector<std::function<void()>> waiting_;
};

}  // namespace troupe::node
