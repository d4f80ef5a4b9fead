#include <troupe/supervision/supervisor.hpp>

#include <utility>

/// What an exit leads to: the rules of restart types, of the strategies and of auto_shutdown.
namespace troupe::supervision {

void Supervisor::child_ended(Child& child, const ExitReason& reason) {
  const ChildSpec& spec = *children_.spec_of(child);
  const bool restarts = spec.restart == Restart::permanent || (spec.restart == Restart::transient && !reason.orderly());
  if (restarts || !reason.orderly()) report(Report::Context::child_terminated, reason, child);
  if (restarts) {
    // What has run well for a while backs off anew.
    if (flags_.backoff && now_ - child.started >= (flags_.backoff->first + flags_.backoff->longest) / 2)
      child.failures = 0;
    return restart(child);
  }
  const bool significant = spec.significant;
  drop(child);
  if (significant) end_by_auto_shutdown();
}

void Supervisor::end_by_auto_shutdown() {
  if (flags_.auto_shutdown == AutoShutdown::never) return;
  if (flags_.auto_shutdown == AutoShutdown::all_significant) {
    for (const Child& child : children_)
      if (children_.spec_of(child)->significant && child.state != ChildState::stopped) return;
  }
  shut_down(Job::Kind::shut_down, ExitReason::shutdown());
}

void Supervisor::restart(Child& child) {
  if (!restarts_.add(now_, flags_.intensity, flags_.period)) {
    report(Report::Context::shutdown, ExitReason::error(reached_max_restart_intensity), child);
    drop(child);
    return shut_down(Job::Kind::shut_down, ExitReason::shutdown());
  }
  if (flags_.backoff) ++child.failures;
  restart_uncounted(child, flags_.backoff ? Job::Kind::back_off : Job::Kind::restart);
}

void Supervisor::restart_uncounted(Child& child, Job::Kind kind) {
  Job job{.kind = kind, .subject = &child};
  children_.set_state(child, ChildState::restarting);
  const auto first = flags_.strategy == Strategy::one_for_all ? children_.begin() : child.place;
  const auto last = flags_.strategy == Strategy::one_for_all || flags_.strategy == Strategy::rest_for_one
                        ? children_.end()
                        : std::next(child.place);
  for (auto member = first; member != last; ++member) {
    if (&*member != &child) job.to_stop.push_back(&*member);
    if (kind == Job::Kind::restart && children_.spec_of(*member)->restart != Restart::temporary)
      job.to_start.push_back(&*member);
  }
  begin(std::move(job));
}

void Supervisor::back_off(Child& child) {
  children_.set_state(child, ChildState::backing_off);
  child.timer = arm(flags_.backoff->wait(child.failures, random_()));
  backing_off_.emplace(child.timer, &child);
}

void Supervisor::try_again(Child& child, const ExitReason& reason) {
  child.last_reason = reason;
  children_.set_state(child, ChildState::restarting);
  if (flags_.backoff) return restart(child);
  if (children_.dynamic()) return emit(command::Requeue{{child.ref}});
  emit(command::Requeue{{child.spec->id}});
}

void Supervisor::report(Report::Context context, const ExitReason& reason, const Child& child) {
  emit(Report{path_, context, reason, {children_.spec_of(child), child.ref}});
}

}  // namespace troupe::supervision
