#pragma once

#include <memory>
#include <optional>
#include <string>

#include <troupe/engine/workers/workers.hpp>

namespace troupe::engine {

/// One life of a worker: its object, the coroutine that runs on its behalf, and its shard, open while it is up.
///
/// ```
/// starting -> up                  start() has ended
/// up       -> leaving             it has ended by itself, has crashed or is told to end: its turns end, or are cut
/// leaving  -> stopping, over      where it was told to end, stop() runs
/// any      -> over                killed, or not started
/// ```
/// Whatever happens is noted, and acted on by a timer: between turns, with nothing of the worker on the stack.
class WorkerLife final : public Leaf, private loop::Timer {
 public:
  WorkerLife(Workers& workers, Workers::Entry& entry);
  ~WorkerLife() override;

  void start(Told told) override;
  void exit(ExitSignal signal) override;

  /// The node is ready.
  void begin();
  void quiesce();
  /// A handler has thrown; it is on the stack.
  void crashed(std::string_view what);

 private:
  class Routine;
  using MakeTask = Task<Done> (WorkerBase::*)();
  using Reason = supervision::ExitReason;
  enum class Phase : std::uint8_t { fresh, starting, up, leaving, stopping, over };

  WorkerBase& object() { return **entry_.slot; }
  void act_soon();
  void act();
  void make();
  void came_up();
  /// Begins a coroutine of the worker. False: it has none, or it failed to make one, and `failed_` says why.
  bool enter(MakeTask make_task);
  void routine_ended();
  /// Takes no more messages; goes on when those that it has begun have ended.
  void leave(Reason reason, Shard::RunningTurns turns);
  void left();
  void end(Reason reason);

  Workers& workers_;
  Workers::Entry& entry_;
  Told told_;
  Phase phase_ = Phase::fresh;
  std::unique_ptr<Routine> routine_;
  std::optional<Reason> failed_;  ///< what an act must look at: a handler or a coroutine has crashed
  std::optional<Reason> reason_;  ///< why it leaves
  bool is_told_to_end_ = false;   ///< and may use its stop()
  bool has_left_ = false;         ///< no turn of it runs any more
  bool has_run_ = false;
};

}  // namespace troupe::engine
