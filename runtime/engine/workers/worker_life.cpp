#include <troupe/engine/workers/worker_life.hpp>

#include <chrono>
#include <utility>

#include <troupe/contract/exception_text.hpp>

namespace troupe::engine {

using supervision::ExitReason;

namespace {

/// Of each ask and each blocking call that a worker begins by itself.
constexpr auto step_limit = std::chrono::minutes(1);

ExitReason exit_reason_of(const Failure& failure) {
  return ExitReason::error(failure.detail.empty() ? failure.code : failure.code + ": " + failure.detail);
}

}  // namespace

/// A coroutine of a worker's own. It goes on for as long as it likes, so its deadline moves with what it begins.
class WorkerLife::Routine final : public Root {
 public:
  Routine(WorkerLife& life, Task<Done> task)
      : Root(life.workers_.engine_, life.entry_.loop, life.entry_.caller), life_(life), task_(std::move(task)) {
    origin_ = Shared<Origin>(new Origin(Principal::of_node(life.workers_.node_), {}));
    allow({});
    loop_state().lasting_begun();
  }
  ~Routine() override { loop_state().lasting_ended(); }

  void begin() {
    task_.handle().promise().start_in(*this);
    continue_with(task_.handle());
    go();
  }
  bool is_over() const { return is_over_; }
  /// Unset: it has returned.
  std::optional<ExitReason> failure() {
    auto& promise = task_.handle().promise();
    if (promise.exception()) return ExitReason::error(text_of(promise.exception()));
    if (promise.failure()) return exit_reason_of(*promise.failure());
    return std::nullopt;
  }

  void ask(PendingAsk& ask) override {
    allow({});
    Root::ask(ask);
  }
  void run_blocking(std::shared_ptr<BlockingJob> job) override {
    allow({});
    Root::run_blocking(std::move(job));
  }
  std::uint64_t start_pause(Duration duration, Listener& listener) override {
    allow(duration);
    return Root::start_pause(duration, listener);
  }

 private:
  void allow(Duration pause) { deadline_ = std::max(deadline_, loop().now() + pause + step_limit); }
  void ended() override {
    is_over_ = true;
    life_.act_soon();
  }

  WorkerLife& life_;
  Task<Done> task_;
  bool is_over_ = false;
};

WorkerLife::WorkerLife(Workers& workers, Workers::Entry& entry)
    : loop::Timer([](loop::Timer& timer) { static_cast<WorkerLife&>(timer).act(); }),
      workers_(workers),
      entry_(entry) {}

WorkerLife::~WorkerLife() {
  entry_.loop.cancel_timer(*this);
  if (entry_.life != this) return;
  entry_.life = nullptr;
  routine_.reset();
  // Turns that were cut off with the loops may still name it, and go with their shard.
  if (!entry_.shard) entry_.slot->reset();
}

void WorkerLife::start(Told told) {
  told_ = std::move(told);
  act_soon();
}

void WorkerLife::act_soon() { entry_.loop.start_timer(*this, entry_.loop.now()); }

void WorkerLife::act() {
  if (phase_ == Phase::fresh) return make();
  if (failed_) {
    routine_.reset();
    is_told_to_end_ = false;
    return leave(*std::exchange(failed_, {}), Shard::RunningTurns::are_cut);
  }
  if (routine_ && routine_->is_over()) return routine_ended();
  if (has_left_ && phase_ == Phase::leaving) left();
}

void WorkerLife::make() {
  // One whose supervisor did not wait for its end.
  if (entry_.life) entry_.life->exit(ExitSignal::kill);
  if (entry_.shard) entry_.shard->stop(Shard::RunningTurns::are_cut, [] {});
  entry_.life = this;
  phase_ = Phase::starting;
  try {
    *entry_.slot = entry_.type.make();
  } catch (...) {
    return end(ExitReason::error(text_of(std::current_exception())));
  }
  if (enter(&WorkerBase::start)) return;
  if (failed_) return end(*failed_);
  came_up();
}

bool WorkerLife::enter(MakeTask make_task) {
  try {
    Task<Done> task = (object().*make_task)();
    if (!task) return false;
    routine_ = std::make_unique<Routine>(*this, std::move(task));
  } catch (...) {
    // Before its coroutine was made: it is a plain function.
    failed_ = ExitReason::error(text_of(std::current_exception()));
    return false;
  }
  routine_->begin();
  return true;
}

void WorkerLife::routine_ended() {
  auto failure = std::exchange(routine_, nullptr)->failure();
  switch (phase_) {
    case Phase::starting:
      return failure ? end(std::move(*failure)) : came_up();
    case Phase::stopping:
      return end(failure ? std::move(*failure) : ExitReason::shutdown());
    default:
      if (failure) return leave(std::move(*failure), Shard::RunningTurns::are_cut);
      return leave(ExitReason::normal(), Shard::RunningTurns::end);
  }
}

void WorkerLife::came_up() {
  phase_ = Phase::up;
  if (entry_.shard) entry_.shard->open();
  told_.started();
  begin();
}

void WorkerLife::begin() {
  if (phase_ != Phase::up || has_run_ || workers_.phase_ != Workers::Phase::begun) return;
  has_run_ = true;
  if (!enter(&WorkerBase::run) && failed_) act_soon();
}

void WorkerLife::quiesce() {
  if (phase_ == Phase::up) routine_.reset();
}

void WorkerLife::crashed(std::string_view what) {
  failed_ = ExitReason::error(std::string(what));
  act_soon();
}

void WorkerLife::exit(ExitSignal signal) {
  if (phase_ == Phase::over) return;
  const bool is_up = phase_ == Phase::up;
  if (signal == ExitSignal::kill) {
    routine_.reset();
    failed_.reset();
    is_told_to_end_ = false;
    leave(ExitReason::killed(), Shard::RunningTurns::are_cut);
    // Its turns have no commit that the store would have to decide first.
    if (phase_ == Phase::leaving) left();
    return;
  }
  if (phase_ == Phase::fresh || phase_ == Phase::starting) return end(ExitReason::shutdown());
  // Of what is leaving already, the end comes by itself.
  if (!is_up) return;
  routine_.reset();
  is_told_to_end_ = true;
  leave(ExitReason::shutdown(), Shard::RunningTurns::end);
}

void WorkerLife::leave(Reason reason, Shard::RunningTurns turns) {
  phase_ = Phase::leaving;
  reason_ = std::move(reason);
  if (!entry_.shard) return left();
  entry_.shard->stop(turns, [this] {
    has_left_ = true;
    act_soon();
  });
}

void WorkerLife::left() {
  if (!is_told_to_end_) return end(*reason_);
  phase_ = Phase::stopping;
  if (enter(&WorkerBase::stop)) return;
  end(failed_ ? *failed_ : *reason_);
}

void WorkerLife::end(Reason reason) {
  phase_ = Phase::over;
  entry_.loop.cancel_timer(*this);
  routine_.reset();
  entry_.slot->reset();
  // Killed, it has not waited for a drain that is queued, with which its shard has stopped.
  if (entry_.shard) entry_.shard->forget_stop();
  told_.ended(std::move(reason));
}

}  // namespace troupe::engine
