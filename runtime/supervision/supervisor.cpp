#include <troupe/supervision/supervisor.hpp>

#include <stdexcept>
#include <type_traits>
#include <utility>

#include <troupe/supervision/check.hpp>

namespace troupe::supervision {
namespace {

/// The spec, if nothing is wrong with it.
SupervisorSpec checked(const std::string& path, SupervisorSpec spec) {
  std::string text;
  for (const SpecFault& fault : check(path, spec)) text += (text.empty() ? "" : "\n") + to_text(fault);
  if (!text.empty()) throw std::invalid_argument(text);
  return spec;
}

}  // namespace

Supervisor::Supervisor(std::string path, const SupervisorSpec& spec, Random random)
    : path_(std::move(path)), flags_(spec.flags), random_(std::move(random)), children_(checked(path_, spec)) {}

Commands Supervisor::handle(Event event, Instant now) {
  now_ = now;
  take(std::move(event));
  while (!busy() && !mailbox_.empty()) {
    Event next = std::move(mailbox_.front());
    mailbox_.pop_front();
    if (request_of(next) != RequestId::none) --waiting_requests_;
    serve(std::move(next));
  }
  return std::exchange(commands_, {});
}

void Supervisor::take(Event event) {
  std::visit(
      [this](auto& alternative) {
        using Alternative = std::remove_reference_t<decltype(alternative)>;
        if constexpr (requires { on(alternative); }) {
          on(alternative);
        } else if (phase_ == Phase::terminated) {
          if constexpr (requires { alternative.request; }) refuse(alternative.request, Refusal::terminated);
        } else if (phase_ == Phase::created && std::is_same_v<Alternative, Start>) {
          Job job{.kind = Job::Kind::initial_start};
          if (!children_.dynamic())
            for (Child& child : children_) job.to_start.push_back(&child);
          begin(std::move(job));
        } else if (phase_ == Phase::created && std::is_same_v<Alternative, Stop>) {
          serve(std::move(alternative));
        } else if (busy()) {
          queue(std::move(alternative));
        } else {
          serve(std::move(alternative));
        }
      },
      event);
}

void Supervisor::queue(Event event) {
  if (const RequestId request = request_of(event); request != RequestId::none) {
    if (waiting_requests_ == most_waiting_requests) return refuse(request, Refusal::overloaded);
    ++waiting_requests_;
  }
  mailbox_.push_back(std::move(event));
}

void Supervisor::serve(Event event) {
  std::visit(
      [this](auto& alternative) {
        using Alternative = std::remove_reference_t<decltype(alternative)>;
        if constexpr (std::is_same_v<Alternative, ChildExited>) {
          // One that was stopped meanwhile is known no more.
          Child* child = children_.find(alternative.ref);
          if (child != nullptr && child->state == ChildState::running) child_ended(*child, alternative.reason);
        } else if constexpr (std::is_same_v<Alternative, TryAgain>) {
          Child* child = children_.find(alternative.child);
          if (child != nullptr && child->state == ChildState::restarting) restart(*child);
        } else if constexpr (std::is_same_v<Alternative, TimerFired>) {
          const auto found = backing_off_.extract(alternative.timer);
          if (found.empty()) return;
          found.mapped()->timer = TimerId::none;
          restart_uncounted(*found.mapped(), Job::Kind::restart);
        } else if constexpr (std::is_same_v<Alternative, Stop>) {
          shut_down(Job::Kind::shut_down, alternative.reason);
        } else if constexpr (requires { alternative.request; }) {
          serve(std::move(alternative));
        }
      },
      event);
}

void Supervisor::on(const ChildStarted& event) {
  // After the end, what was still being started is not left behind.
  if (!answers(event.attempt)) return emit(command::ExitChild{event.ref, command::ExitChild::Signal::kill});
  cancel(limit_);
  Child& child = *awaited_;
  children_.set_running(child, event.ref, now_);
  if (job_->kind == Job::Kind::restart) ++child.restarts;
  if (children_.spec_of(child)->restart == Restart::temporary) child.arguments.reset();
  if (!children_.dynamic()) emit(Progress{path_, {children_.spec_of(child), child.ref}});
  job_->result = event.ref;
  ++job_->started;
  advance();
}

void Supervisor::on(const ChildIgnored& event) {
  if (!answers(event.attempt)) return;
  cancel(limit_);
  // By hand, one is restarted that is there, so its spec stays, even a temporary one.
  if (job_->kind != Job::Kind::restart_child) drop(*awaited_);
  ++job_->started;
  advance();
}

void Supervisor::on(const ChildStartFailed& event) {
  if (!answers(event.attempt)) return;
  cancel(limit_);
  start_failed(*awaited_, cancelled_ ? ExitReason::error("timeout") : event.reason);
}

void Supervisor::on(const ChildExited& event) {
  if (phase_ == Phase::terminated) return;
  Child* child = children_.find(event.ref);
  if (child == nullptr || child->state != ChildState::running || child->exited) return;
  if (phase_ == Phase::stopping && parallel_errors_) return stopped_in_parallel(*child, event.reason);
  if (phase_ == Phase::stopping && child == awaited_) {
    cancel(limit_);
    stopped(*child, event.reason);
    return advance();
  }
  children_.set_exited(*child, event.reason);
  if (busy()) return queue(event);
  serve(event);
}

void Supervisor::on(const TimerFired& event) {
  if (event.timer == TimerId::none) return;
  if (event.timer != limit_) {
    if (!backing_off_.contains(event.timer)) return;
    if (busy()) return queue(event);
    return serve(event);
  }
  limit_ = TimerId::none;
  if (phase_ == Phase::starting) {
    cancelled_ = true;
    emit(command::CancelStart{attempt_});
  } else if (parallel_errors_) {
    for (const Child& child : children_) emit(command::ExitChild{child.ref, command::ExitChild::Signal::kill});
  } else {
    emit(command::ExitChild{awaited_->ref, command::ExitChild::Signal::kill});
  }
}

void Supervisor::on(const Kill&) {
  if (phase_ == Phase::terminated) return;
  if (phase_ == Phase::starting) emit(command::CancelStart{attempt_});
  cancel(limit_);
  for (auto child = children_.end(); child != children_.begin();) {
    --child;
    cancel(child->timer);
    if (child->state == ChildState::running && !child->exited)
      emit(command::ExitChild{child->ref, command::ExitChild::Signal::kill});
  }
  if (job_ && job_->request != RequestId::none) refuse(job_->request, Refusal::terminated);
  emit(command::Terminate{ExitReason::killed()});
  terminated();
}

std::vector<ChildInfo> Supervisor::which_children() const {
  std::vector<ChildInfo> all;
  all.reserve(children_.size());
  for (const Child& child : children_) {
    const ChildSpec& spec = *children_.spec_of(child);
    all.push_back({spec.id, child.ref, spec.type, child.state});
  }
  return all;
}

std::shared_ptr<const ChildSpec> Supervisor::get_childspec(const ChildName& child) const {
  const Child* found = children_.find(child);
  return found == nullptr ? nullptr : children_.spec_of(*found);
}

Snapshot Supervisor::snapshot(std::size_t most_children) const {
  Snapshot snapshot{.name = path_, .strategy = flags_.strategy, .counts = count_children()};
  for (const Child& child : children_) {
    if (snapshot.children.size() == most_children) break;
    snapshot.children.push_back(snapshot_of(child));
  }
  snapshot.left_out = children_.size() - snapshot.children.size();
  return snapshot;
}

std::vector<ChildSnapshot> Supervisor::missing_children(std::size_t most) const {
  std::vector<ChildSnapshot> missing;
  if (count_children().active == children_.size()) return missing;
  for (const Child& child : children_) {
    if (missing.size() == most) break;
    ChildSnapshot snapshot = snapshot_of(child);
    // One whose end is known, and whose turn is still to come, runs no more.
    if (snapshot.state == ChildState::running && child.exited) snapshot.state = ChildState::restarting;
    const bool is_stopped = snapshot.state == ChildState::stopped;
    const bool should_run =
        snapshot.restart == Restart::permanent || (snapshot.restart == Restart::transient && !is_stopped);
    if (should_run && snapshot.state != ChildState::running) missing.push_back(std::move(snapshot));
  }
  return missing;
}

ChildSnapshot Supervisor::snapshot_of(const Child& child) const {
  const ChildSpec& spec = *children_.spec_of(child);
  return {.name = spec.id,
          .ref = child.ref,
          .kind = spec.type,
          .restart = spec.restart,
          .state = child.state,
          .restarts = child.restarts,
          .last_reason = child.last_reason};
}

}  // namespace troupe::supervision
