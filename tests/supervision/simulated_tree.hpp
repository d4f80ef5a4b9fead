#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <troupe/supervision/supervisor.hpp>

namespace troupe::supervision {

/// What comes of one attempt to start a child.
struct StartOutcome {
  enum class Kind : std::uint8_t { up, ignored, fails, never };

  Kind kind = Kind::up;
  ExitReason reason = {};

  static StartOutcome up() { return {}; }
  static StartOutcome ignored() { return {Kind::ignored, {}}; }
  static StartOutcome fails(const std::string& why) { return {Kind::fails, ExitReason::error(why)}; }
  static StartOutcome never() { return {Kind::never, {}}; }
};

/// What a child does when it is told to end.
struct OnShutdown {
  enum class Kind : std::uint8_t { obeys, ends, ignores };

  Kind kind = Kind::obeys;
  ExitReason reason = {};

  static OnShutdown obeys() { return {}; }
  static OnShutdown ends(ExitReason reason) { return {Kind::ends, std::move(reason)}; }
  static OnShutdown ignores() { return {Kind::ignores, {}}; }
};

struct Behaviour {
  std::deque<StartOutcome> starts = {};  ///< in turn; beyond them it comes up
  OnShutdown on_shutdown = {};
};

/// A supervisor with all below it: children that behave as told, supervisors that are real, and one mailbox for all,
/// in one thread on virtual time. Tells what happened as lines of a log:
///
/// ```
/// start a · start a ignored · start a boom      shutdown a: it is told to end
/// exit a boom: it has ended                     progress a · report child_terminated a boom
/// started · start_failed shutdown(…)            reply 1 ok started · terminated shutdown: the root itself
/// ```
class SimulatedTree {
 public:
  /// What children answer: at once, ahead of what waits in the mailbox, as where OTP's supervisor blocks; or behind it.
  enum class Answers : std::uint8_t { at_once, through_the_mailbox };

  explicit SimulatedTree(const SupervisorSpec& spec, Answers answers = Answers::at_once);

  /// Of the child with this id; of a dynamic one, that was started with it as its argument.
  Behaviour& behaviour(const std::string& id) { return behaviours_[id]; }

  // What happens to the tree. Each is only posted, and takes effect when the tree settles.
  void start();
  void stop(ExitReason reason);
  void kill();
  /// The child dies at this moment; only the news of it is posted. Nothing happens where it does not run.
  void exit(const std::string& id, const ExitReason& reason);
  RequestId start_child(ChildSpec spec);
  RequestId start_dynamic(const std::string& argument);
  RequestId terminate_child(const std::string& id);
  RequestId restart_child(const std::string& id);
  RequestId delete_child(const std::string& id);
  RequestId reload(SupervisorSpec spec);
  /// Something that no command was the reason for.
  void post(Event event) { mailbox_.push_back({ChildRef::none, std::move(event)}); }

  /// Until nothing is left to do before time passes.
  SimulatedTree& settle();
  /// Lets time pass, with timers as they become due; `now` is an Instant's count since a beginning.
  SimulatedTree& pass(Duration time);
  /// The next timer, early: time stands still. False: there is none.
  bool fire_next_timer();
  void move_clock(Duration by) { now_ += by; }
  /// Comes to the end of a start that never answers.
  void answer_start(const std::string& id, const StartOutcome& outcome);

  std::vector<std::string> take_log() { return std::exchange(log_, {}); }
  const Supervisor& root() const { return *processes_.at(ChildRef::none).supervisor; }
  Supervisor& supervisor(const std::string& id) { return *find(id)->supervisor; }
  /// Whether a child of this name has ever run.
  bool knows(const std::string& id) const { return find(id) != nullptr; }
  bool runs(const std::string& id) const;
  ChildRef ref(const std::string& id) const { return find(id)->ref; }
  /// The child that a ref was given to, the latest where it has gone.
  std::string name(ChildRef ref) const;
  std::size_t running() const;
  std::size_t timers() const { return timers_.size(); }

 private:
  struct Process {
    std::string id;
    ChildRef ref = ChildRef::none;
    ChildRef parent = ChildRef::none;
    StartId attempt = StartId::none;
    std::unique_ptr<Supervisor> supervisor = {};
    bool alive = false;
  };
  struct Timer {
    ChildRef supervisor;
    TimerId id;
  };
  struct Post {
    ChildRef to;
    Event event;
  };

  std::unique_ptr<Supervisor> make_supervisor(const std::string& path, const SupervisorSpec& spec) const;
  RequestId next_request() { return RequestId(++last_request_); }
  RequestId ask(auto request);
  ChildName name_of(const std::string& id) const;
  void deliver(Post post);
  void answer(ChildRef to, Event event);
  void ended(Process& process, const ExitReason& reason);
  const Process* find(const std::string& id) const;

  void carry_out(Process& self, const command::StartChild& command);
  void carry_out(Process& self, const command::CancelStart& command);
  void carry_out(Process& self, const command::ExitChild& command);
  void carry_out(Process& self, const command::ArmTimer& command);
  void carry_out(Process& self, const command::CancelTimer& command);
  void carry_out(Process& self, const command::Requeue& command);
  void carry_out(Process& self, const command::Reply& command);
  void carry_out(Process& self, const command::Started& command);
  void carry_out(Process& self, const command::StartFailed& command);
  void carry_out(Process& self, const command::Terminate& command);
  void carry_out(Process& self, const Report& report);
  void carry_out(Process& self, const Progress& progress);
  void come_up(const std::string& id, ChildRef parent, StartId attempt);

  Answers answers_;
  std::map<std::string, Behaviour> behaviours_;
  std::map<ChildRef, Process> processes_;                        ///< the root's ref is none; those that have ended stay
  std::map<std::string, std::pair<ChildRef, StartId>> pending_;  ///< starts that never answer
  std::deque<Post> urgent_;
  std::deque<Post> mailbox_;
  std::multimap<Instant, Timer> timers_;
  std::vector<std::string> log_;
  Instant now_{std::chrono::hours(1)};
  std::uint64_t last_ref_ = 0;
  std::uint64_t last_request_ = 0;
  std::shared_ptr<std::mt19937_64> random_ = std::make_shared<std::mt19937_64>();  ///< of all supervisors
};

inline const ExitReason boom = ExitReason::error("boom");

/// The same tree, started, with what it told of that forgotten.
SimulatedTree& running(SimulatedTree& tree);
SimulatedTree running_tree(const SupervisorSpec& spec);

/// A worker with its id.
ChildSpec worker(const std::string& id, Restart restart = Restart::permanent);
/// A supervisor below another.
ChildSpec supervisor(const std::string& id, SupervisorSpec spec, Restart restart = Restart::permanent);

}  // namespace troupe::supervision
