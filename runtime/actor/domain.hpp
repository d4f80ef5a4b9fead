#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actor/entity_type.hpp>
#include <troupe/actor/ref.hpp>
#include <troupe/actor/worker_type.hpp>

namespace troupe {

/// A business domain as an engine takes it in: its kinds of entities, and what it does by itself. Made of a declaration
/// (declaration.hpp), which fills in its sweeps:
///
/// ```
/// void Declaration::sweeps(Domain& domain, const Settings&) {
///   domain.sweep<Api>("expiry", 5s, [](Share<Api> orders) { return expire_unpaid(orders); });
/// }
/// ```
class Domain {
 public:
  /// Work that comes back for the entities of a protocol: a root coroutine, run when the node is ready and then `every`
  /// so often after its last end, in the name of the node. A failure is reported and it is tried again next time.
  struct Sweep {
    std::string name;
    Duration every;
    const ProtocolInfo* protocol;
    std::function<Task<Done>()> run;
  };

  /// `name` is the domain's; its main protocol has the same.
  explicit Domain(std::string name) : name_(std::move(name)) {}

  template <class E, class... Arguments>
  Domain& entity(Arguments... arguments) {
    entities_.push_back(entity_type<E>(std::move(arguments)...));
    return *this;
  }
  Domain& entity(EntityType type) {
    entities_.push_back(std::move(type));
    return *this;
  }
  /// Wherever entities of the protocol live, `run` comes back for its share of them.
  template <class Api>
  Domain& sweep(std::string name, Duration every, std::function<Task<Done>(Share<Api>)> run) {
    sweeps_.push_back(sweep_of<Api>(std::move(name), every, std::move(run)));
    return *this;
  }
  template <class Api>
  static Sweep sweep_of(std::string name, Duration every, std::function<Task<Done>(Share<Api>)> run) {
    return {std::move(name), every, &protocol_info<Api>, [run = std::move(run)] { return run(Share<Api>()); }};
  }

  /// Wherever entities of `Beside` live, or on the one node that has its first shard.
  template <class W, class Beside, class... Arguments>
  Domain& worker(Arguments... arguments) {
    workers_.push_back(worker_type<W, Beside>(std::move(arguments)...));
    return *this;
  }

  const std::string& name() const { return name_; }
  const std::vector<EntityType>& entities() const { return entities_; }
  const std::vector<Sweep>& sweeps() const { return sweeps_; }
  const std::vector<WorkerType>& workers() const { return workers_; }

 private:
  std::string name_;
  std::vector<EntityType> entities_;
  std::vector<Sweep> sweeps_;
  std::vector<WorkerType> workers_;
};

}  // namespace troupe
