#include <troupe/supervision/supervisor.hpp>

#include <utility>

/// Jobs: what is done step by step between two looks at the mailbox.
namespace troupe::supervision {
namespace {

/// Whether a child that was stopped has ended as it should.
bool as_expected(const ChildSpec& spec, const ExitReason& reason) {
  const bool killed_at_once = spec.effective_shutdown().kind == Shutdown::Kind::brutal_kill;
  if (reason.kind == ExitReason::Kind::killed) return killed_at_once;
  if (reason == ExitReason::shutdown() && !killed_at_once) return true;
  return reason.orderly() && spec.restart != Restart::permanent;
}

}  // namespace

void Supervisor::begin(Job job) {
  job_ = std::move(job);
  advance();
}

void Supervisor::advance() {
  while (!job_->to_stop.empty()) {
    Child& child = *job_->to_stop.back();
    job_->to_stop.pop_back();
    if (stop(child) == Waits::yes) return;
  }
  if (job_->started < job_->to_start.size()) return start(*job_->to_start[job_->started]);
  finish();
}

void Supervisor::finish() {
  const Job job = std::move(*job_);
  job_.reset();
  awaited_ = nullptr;
  phase_ = Phase::running;
  switch (job.kind) {
    case Job::Kind::initial_start:
      return emit(command::Started{});
    case Job::Kind::restart:
      return;
    case Job::Kind::back_off:
      return back_off(*job.subject);
    case Job::Kind::start_child:
    case Job::Kind::restart_child:
    case Job::Kind::terminate_child:
      return reply(job.request, job.result);
    case Job::Kind::shut_down:
      emit(command::Terminate{job.reason});
      break;
    case Job::Kind::undo_start:
      emit(command::StartFailed{job.reason});
      break;
  }
  terminated();
}

// ── Starting ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void Supervisor::start(Child& child) {
  phase_ = Phase::starting;
  awaited_ = &child;
  cancelled_ = false;
  attempt_ = StartId(static_cast<std::uint64_t>(attempt_) + 1);
  if (job_->kind == Job::Kind::restart) children_.set_state(child, ChildState::restarting);
  const auto& spec = children_.spec_of(child);
  emit(command::StartChild{attempt_, spec, child.arguments});
  if (spec->start_timeout) limit_ = arm(*spec->start_timeout);
}

void Supervisor::start_failed(Child& child, const ExitReason& reason) {
  const Job job = std::move(*job_);
  job_.reset();
  awaited_ = nullptr;
  phase_ = Phase::running;
  switch (job.kind) {
    case Job::Kind::initial_start:
      child.last_reason = reason;
      report(Report::Context::start_error, reason, child);
      return shut_down(Job::Kind::undo_start,
                       ExitReason::shutdown("failed_to_start_child: " + child.spec->id + ": " + to_text(reason)));
    case Job::Kind::restart:
      // The one whose end began it, where its turn has not come: only the one that failed is tried again.
      if (job.subject != &child && job.subject->state == ChildState::restarting)
        children_.set_state(*job.subject, ChildState::stopped);
      report(Report::Context::start_error, reason, child);
      return try_again(child, reason);
    case Job::Kind::start_child:
      children_.erase(child);
      return refuse(job.request, Refusal::start_failed, to_text(reason));
    default:
      child.last_reason = reason;
      return refuse(job.request, Refusal::start_failed, to_text(reason));
  }
}

// ── Stopping ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Supervisor::Waits Supervisor::stop(Child& child) {
  if (child.state != ChildState::running) {
    drop(child);
    return Waits::no;
  }
  if (child.exited) {
    stopped(child, ExitReason(*child.last_reason));
    return Waits::no;
  }
  const Shutdown shutdown = children_.spec_of(child)->effective_shutdown();
  phase_ = Phase::stopping;
  awaited_ = &child;
  tell_to_end(child, shutdown);
  if (shutdown.kind == Shutdown::Kind::timeout) limit_ = arm(shutdown.timeout);
  return Waits::yes;
}

void Supervisor::tell_to_end(const Child& child, const Shutdown& shutdown) {
  const bool at_once = shutdown.kind == Shutdown::Kind::brutal_kill;
  emit(
      command::ExitChild{child.ref, at_once ? command::ExitChild::Signal::kill : command::ExitChild::Signal::shutdown});
}

void Supervisor::stopped(Child& child, const ExitReason& reason) {
  child.last_reason = reason;
  if (!as_expected(*children_.spec_of(child), reason)) report(Report::Context::shutdown_error, reason, child);
  drop(child);
}

void Supervisor::drop(Child& child) {
  if (child.timer != TimerId::none) backing_off_.erase(child.timer);
  cancel(child.timer);
  if (children_.dynamic() || child.spec->restart == Restart::temporary) {
    children_.erase(child);
  } else {
    children_.set_state(child, ChildState::stopped);
  }
}

void Supervisor::shut_down(Job::Kind kind, ExitReason reason) {
  Job job{.kind = kind, .reason = std::move(reason)};
  if (!children_.dynamic()) {
    for (Child& child : children_) job.to_stop.push_back(&child);
    return begin(std::move(job));
  }
  job_ = std::move(job);
  stop_in_parallel();
}

// Dynamic children can be many, so they end side by side, under one time limit for all.
void Supervisor::stop_in_parallel() {
  const Shutdown shutdown = children_.child_template()->effective_shutdown();
  phase_ = Phase::stopping;
  parallel_errors_.emplace();
  for (auto next = children_.end(); next != children_.begin();) {
    Child& child = *--next;
    if (child.state == ChildState::running && !child.exited) {
      tell_to_end(child, shutdown);
      continue;
    }
    ++next;  // it goes
    if (child.state == ChildState::running) count_error(*child.last_reason);
    drop(child);
  }
  if (children_.size() == 0) return finish_in_parallel();
  if (shutdown.kind == Shutdown::Kind::timeout) limit_ = arm(shutdown.timeout);
}

void Supervisor::stopped_in_parallel(Child& child, const ExitReason& reason) {
  count_error(reason);
  drop(child);
  if (children_.size() == 0) finish_in_parallel();
}

void Supervisor::count_error(const ExitReason& reason) {
  if (as_expected(*children_.child_template(), reason)) return;
  auto& [first, count] = parallel_errors_->try_emplace(to_text(reason), reason, 0).first->second;
  ++count;
}

void Supervisor::finish_in_parallel() {
  cancel(limit_);
  for (const auto& [text, error] : *parallel_errors_)
    emit(Report{path_,
                Report::Context::shutdown_error,
                error.first,
                {children_.child_template(), ChildRef::none, error.second}});
  parallel_errors_.reset();
  finish();
}

void Supervisor::terminated() {
  phase_ = Phase::terminated;
  job_.reset();
  awaited_ = nullptr;
  parallel_errors_.reset();
  backing_off_.clear();
  for (const Event& event : std::exchange(mailbox_, {}))
    if (const RequestId request = request_of(event); request != RequestId::none) refuse(request, Refusal::terminated);
}

// ── Timers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TimerId Supervisor::arm(Duration after) {
  last_timer_ = TimerId(static_cast<std::uint64_t>(last_timer_) + 1);
  emit(command::ArmTimer{last_timer_, after});
  return last_timer_;
}

void Supervisor::cancel(TimerId& timer) {
  if (timer != TimerId::none) emit(command::CancelTimer{timer});
  timer = TimerId::none;
}

}  // namespace troupe::supervision
