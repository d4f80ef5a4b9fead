#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actor/worker_type.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

class WorkerLife;

/// Runs the workers of a node's domains, spread over its loops, as leaves of its supervision tree: each starts with the
/// tree, and does what it does by itself once the node is ready.
///
/// Lifetime: destroyed after the engine has stopped and before the loops.
class Workers {
 public:
  /// `node` is in whose name they ask.
  Workers(Engine& engine, std::string node);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Before the engine's start(), once all protocols of the domain are hosted or known. Left out where it is not to
  /// live on this node. Errors: throws std::logic_error where the engine does not know the protocol beside it.
  void add(const std::string& domain, WorkerType type);
  /// The node is ready. Threads: any, once.
  void begin();
  /// What they do by themselves ends where it waits; messages are still answered. Threads: any.
  void quiesce();

 private:
  friend class WorkerLife;

  /// The object of the present life. It goes after the turns that may still name it.
  using Slot = std::shared_ptr<std::unique_ptr<WorkerBase>>;
  struct Entry {
    WorkerType type;
    Slot slot;
    loop::Loop& loop;
    const Caller& caller;
    Shard* shard = nullptr;      ///< of its messages; null: it has none
    WorkerLife* life = nullptr;  ///< the present one; its loop's to touch
  };
  enum class Phase : std::uint8_t { waiting, begun, quiet };

  /// The protocol that it stands beside.
  const Host& beside(const WorkerType& type) const;
  HostOptions options_of(const WorkerType& type) const;
  Shard& host_messages(const std::string& domain, Entry& entry);
  template <class F>
  void tell_each(F f);

  Engine& engine_;
  std::string node_;
  std::atomic<Phase> phase_{Phase::waiting};
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace troupe::engine
