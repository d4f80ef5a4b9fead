#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <troupe/supervision/command.hpp>
#include <troupe/supervision/detail/children.hpp>
#include <troupe/supervision/detail/job.hpp>
#include <troupe/supervision/event.hpp>
#include <troupe/supervision/restart_intensity.hpp>
#include <troupe/supervision/snapshot.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::supervision {

/// One supervisor of Erlang/OTP's kind, as a machine of events and commands: it starts nothing, waits for nothing and
/// reads no clock. Whoever drives it carries its commands out and tells it what has come of them.
///
/// ```
/// created ─Start─▶ starting ─all have started─▶ running ◀────────────────────────┐
///                   │ one has not                │ an exit, a request, a timer   │ done, or to be tried again
///                   ▼                            ▼                               │
///                stopping ─▶ terminated ◀── stopping ───────▶ starting ──────────┘
///                                  (Stop, too many restarts, auto_shutdown)
/// ```
/// What OTP's supervisor does without looking at its mailbox is done so here: events that come meanwhile wait, and
/// exits of children that are to be stopped anyway count as those. Source: `supervisor.erl` of OTP 25 and later.
class Supervisor {
 public:
  /// What it is at. Only `running` looks at the mailbox; `starting` and `stopping` wait for an answer, or for exits.
  enum class Phase : std::uint8_t { created, starting, running, stopping, terminated };
  using Random = std::function<std::uint64_t()>;

  /// Requests that may wait while children are started or stopped; more are refused.
  static constexpr std::size_t most_waiting_requests = 100'000;

  /// `path` names it in reports; `random` is asked for the jitter of the backoff.
  /// Errors: std::invalid_argument with the faults of the spec.
  Supervisor(std::string path, const SupervisorSpec& spec, Random random);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Takes an event in, and says what is to be done. Units: `now` is monotonic.
  Commands handle(Event event, Instant now);

  Phase phase() const { return phase_; }
  const std::string& path() const { return path_; }
  const SupervisorFlags& flags() const { return flags_; }

  // Unlike OTP's these answer at any time, also while children are started or stopped.
  std::vector<ChildInfo> which_children() const;
  ChildCounts count_children() const { return children_.counts(); }
  /// Null: there is no such child.
  std::shared_ptr<const ChildSpec> get_childspec(const ChildName& child) const;
  Snapshot snapshot(std::size_t most_children) const;
  /// The children that should run and do not, at most so many: permanent ones, and transient ones that are to come
  /// back. As long as all run, it looks at none of them.
  std::vector<ChildSnapshot> missing_children(std::size_t most) const;

 private:
  using Child = detail::Child;
  using Job = detail::Job;

  // The mailbox: supervisor.cpp.
  void take(Event event);
  void queue(Event event);
  void serve(Event event);
  bool busy() const { return phase_ != Phase::running; }
  void on(const ChildStarted& event);
  void on(const ChildIgnored& event);
  void on(const ChildStartFailed& event);
  void on(const ChildExited& event);
  void on(const TimerFired& event);
  void on(const Kill& event);

  // Exits and restarts: supervisor_exits.cpp.
  void child_ended(Child& child, const ExitReason& reason);
  void restart(Child& child);
  void restart_uncounted(Child& child, Job::Kind kind);
  void back_off(Child& child);
  void try_again(Child& child, const ExitReason& reason);
  void end_by_auto_shutdown();

  // Requests: supervisor_requests.cpp.
  void serve(request::StartChild request);
  void serve(request::StartDynamicChild request);
  void serve(const request::TerminateChild& request);
  void serve(const request::RestartChild& request);
  void serve(const request::DeleteChild& request);
  void serve(const request::Reload& request);
  /// The child, if it is listed and stopped; else the request is refused.
  Child* stopped_child(RequestId request, const ChildName& name);
  void refuse(RequestId request, Refusal refusal, std::string why = {}, ChildRef child = ChildRef::none);
  void reply(RequestId request, ChildRef child = ChildRef::none);

  // Jobs, step by step: supervisor_jobs.cpp.
  void begin(Job job);
  void advance();
  void finish();
  void start(Child& child);
  bool answers(StartId attempt) const { return phase_ == Phase::starting && attempt == attempt_; }
  void start_failed(Child& child, const ExitReason& reason);
  enum class Waits : std::uint8_t { no, yes };
  Waits stop(Child& child);
  void tell_to_end(const Child& child, const Shutdown& shutdown);
  void stopped(Child& child, const ExitReason& reason);
  void drop(Child& child);
  void shut_down(Job::Kind kind, ExitReason reason);
  void stop_in_parallel();
  void stopped_in_parallel(Child& child, const ExitReason& reason);
  void count_error(const ExitReason& reason);
  void finish_in_parallel();
  void terminated();

  ChildSnapshot snapshot_of(const Child& child) const;
  void report(Report::Context context, const ExitReason& reason, const Child& child);
  TimerId arm(Duration after);
  void cancel(TimerId& timer);
  void emit(Command command) { commands_.push_back(std::move(command)); }

  const std::string path_;
  SupervisorFlags flags_;
  Random random_;
  detail::Children children_;
  RestartIntensity restarts_;
  Phase phase_ = Phase::created;
  std::deque<Event> mailbox_;
  std::size_t waiting_requests_ = 0;

  std::optional<Job> job_;           ///< while starting or stopping
  Child* awaited_ = nullptr;         ///< the child that it waits for
  StartId attempt_ = StartId::none;  ///< the latest
  TimerId limit_ = TimerId::none;    ///< of what it waits for
  bool cancelled_ = false;           ///< the start that it waits for has taken too long
  /// While dynamic children end together: those that ended otherwise than they should, by the reason's text.
  std::optional<std::map<std::string, std::pair<ExitReason, std::size_t>>> parallel_errors_;

  TimerId last_timer_ = TimerId::none;
  std::unordered_map<TimerId, Child*> backing_off_;
  Instant now_{};
  Commands commands_;
};

}  // namespace troupe::supervision
