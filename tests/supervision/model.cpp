#include "tests/supervision/model.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace troupe::supervision {
namespace {

constexpr int undefined = 0;
constexpr int restarting = -1;

class Model {
 public:
  explicit Model(const Script& script) : script_(script), flags_(script.flags) {
    for (const auto* list : {&script.children, &script.more})
      for (const auto& child : *list) behaviours_[child.spec.id] = child.behaviour;
  }

  Transcript run() {
    initial_start();
    describe();
    for (const Step& step : script_.steps) {
      now_ += step.seconds_before;
      for (const Operation& operation : step.burst) post(operation);
      while (!mailbox_.empty()) {
        const Message message = mailbox_.front();
        mailbox_.pop_front();
        handle(message);
      }
      std::ranges::sort(replies_);
      for (const auto& [number, text] : replies_) say("reply " + std::to_string(number) + " " + text);
      replies_.clear();
      describe();
    }
    sort_parallel_ends(script_, transcript_);
    return transcript_;
  }

 private:
  struct Child {
    ChildSpec spec;
    std::string name;
    int pid = undefined;
    int last_pid = undefined;
  };
  struct Message {
    enum class Kind { exit, try_again, request, stop } kind;
    int pid = undefined;  // of an exit; of a request or a try about a dynamic child
    ExitReason reason = {};
    Operation operation = {};  // of a request; of a try, the id
    int number = 0;
  };

  void say(const std::string& line) { transcript_.push_back(line); }
  bool dynamic() const { return script_.dynamic(); }

  // ── The world ──────────────────────────────────────────────────────────────────────────────────────────────────────

  void post(const Operation& operation) {
    const int pid = pids_.contains(operation.id) ? pids_[operation.id] : undefined;
    if (operation.kind == Operation::Kind::exit) {
      if (!alive_.erase(pid)) return;
      say("exit " + operation.id + " " + to_text(operation.reason));
      mailbox_.push_back({Message::Kind::exit, pid, operation.reason});
    } else if (operation.kind == Operation::Kind::stop) {
      mailbox_.push_back({Message::Kind::stop, undefined, operation.reason});
    } else {
      mailbox_.push_back({Message::Kind::request, pid, {}, operation, ++requests_});
    }
  }

  /// The pid, undefined where it is ignored, nothing where it fails with `failure_`.
  std::optional<int> start(const Child& child) {
    auto& starts = behaviours_[child.name].starts;
    const StartOutcome outcome = starts.empty() ? StartOutcome::up() : starts.front();
    if (!starts.empty()) starts.pop_front();
    failure_ = outcome.reason;
    if (outcome.kind == StartOutcome::Kind::fails) {
      say("start " + child.name + " " + to_text(failure_));
      return std::nullopt;
    }
    if (outcome.kind == StartOutcome::Kind::ignored) {
      say("start " + child.name + " ignored");
      return undefined;
    }
    say("start " + child.name);
    if (!dynamic()) say("progress " + child.name);
    alive_.insert(++last_pid_);
    pids_[child.name] = last_pid_;
    return last_pid_;
  }

  ExitReason end(const Child& child) {
    // One that is dead already has left the news in the mailbox.
    const auto news = std::ranges::find_if(
        mailbox_, [&](const auto& m) { return m.kind == Message::Kind::exit && m.pid == child.pid; });
    if (news != mailbox_.end()) {
      const ExitReason reason = news->reason;
      mailbox_.erase(news);
      return reason;
    }
    alive_.erase(child.pid);
    ExitReason reason = ExitReason::killed();
    if (child.spec.effective_shutdown().kind != Shutdown::Kind::brutal_kill) {
      say("shutdown " + child.name);
      const OnShutdown& does = behaviours_[child.name].on_shutdown;
      if (does.kind == OnShutdown::Kind::obeys) reason = ExitReason::shutdown();
      if (does.kind == OnShutdown::Kind::ends) reason = does.reason;
    }
    say("exit " + child.name + " " + to_text(reason));
    return reason;
  }

  // ── The rules ──────────────────────────────────────────────────────────────────────────────────────────────────────

  void initial_start() {
    for (const auto& child : script_.children)
      if (!dynamic()) children_.push_back({child.spec, child.spec.id});
    for (std::size_t i = 0; i < children_.size();) {
      Child& child = children_[i];
      const auto pid = start(child);
      if (!pid) {
        report("start_error", child, failure_);
        const std::string why = "failed_to_start_child: " + child.name + ": " + to_text(failure_);
        terminate_all();
        return say("start_failed shutdown(" + why + ")");
      }
      i = came_up(i, *pid);
    }
    running_ = true;
    say("started");
  }

  /// The index of the next child.
  std::size_t came_up(std::size_t i, int pid) {
    children_[i].pid = pid;
    if (pid != undefined) children_[i].last_pid = pid;
    if (pid != undefined || children_[i].spec.restart != Restart::temporary) return i + 1;
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
    return i;
  }

  void handle(const Message& message) {
    if (message.kind == Message::Kind::request && !running_) return reply(message, "terminated");
    if (!running_) return;
    if (message.kind == Message::Kind::request) return request(message);
    if (message.kind == Message::Kind::stop) return terminate(message.reason);
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (message.kind == Message::Kind::exit && children_[i].pid == message.pid) return ended(i, message.reason);
      const bool again = dynamic() ? children_[i].last_pid == message.pid : children_[i].name == message.operation.id;
      if (message.kind == Message::Kind::try_again && again && children_[i].pid == restarting) return restart(i);
    }
  }

  void ended(std::size_t i, const ExitReason& reason) {
    const Child child = children_[i];
    const bool orderly = reason.kind == ExitReason::Kind::normal || reason.kind == ExitReason::Kind::shutdown;
    if (child.spec.restart == Restart::permanent || !orderly) report("child_terminated", child, reason);
    if (child.spec.restart == Restart::permanent) return restart(i);
    if (child.spec.restart == Restart::transient && !orderly) return restart(i);
    remove(i);
    if (!child.spec.significant || flags_.auto_shutdown == AutoShutdown::never) return;
    const bool last = std::ranges::none_of(
        children_, [](const Child& other) { return other.spec.significant && other.pid != undefined; });
    if (flags_.auto_shutdown == AutoShutdown::any_significant || last) terminate(ExitReason::shutdown());
  }

  void restart(std::size_t i) {
    const std::int64_t since = now_ - flags_.period / std::chrono::seconds(1);
    restarts_.push_back(now_);
    if (std::ranges::count_if(restarts_, [&](auto at) { return at >= since; }) > flags_.intensity) {
      report("shutdown", children_[i], ExitReason::error("reached_max_restart_intensity"));
      remove(i);
      return terminate(ExitReason::shutdown());
    }
    if (flags_.strategy == Strategy::one_for_one || dynamic()) return restart_one(i);
    children_[i].pid = undefined;
    const std::size_t first = flags_.strategy == Strategy::one_for_all ? 0 : i;
    for (std::size_t at = children_.size(); at-- > first;) terminate_child(at);
    for (std::size_t at = first; at < children_.size();) {
      const auto pid = start(children_[at]);
      if (!pid) return try_again(at);
      at = came_up(at, *pid);
    }
  }

  void restart_one(std::size_t i) {
    const auto pid = start(children_[i]);
    if (!pid) return try_again(i);
    children_[i].pid = *pid;
    if (*pid != undefined) children_[i].last_pid = *pid;
  }

  void try_again(std::size_t i) {
    report("start_error", children_[i], failure_);
    children_[i].pid = restarting;
    mailbox_.push_back({Message::Kind::try_again, children_[i].last_pid, {}, {{}, children_[i].name, {}}});
  }

  /// As after its end: a temporary or dynamic child is forgotten, another is kept, stopped.
  void remove(std::size_t i) {
    if (dynamic() || children_[i].spec.restart == Restart::temporary) {
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      children_[i].pid = undefined;
    }
  }

  void terminate_child(std::size_t i) {
    const Child child = children_[i];
    if (child.pid > 0) {
      const ExitReason reason = end(child);
      if (!expected(child, reason)) report("shutdown_error", child, reason);
    }
    remove(i);
  }

  static bool expected(const Child& child, const ExitReason& reason) {
    const bool brutal = child.spec.effective_shutdown().kind == Shutdown::Kind::brutal_kill;
    const bool permanent = child.spec.restart == Restart::permanent;
    switch (reason.kind) {
      case ExitReason::Kind::killed:
        return brutal;
      case ExitReason::Kind::normal:
        return !permanent;
      case ExitReason::Kind::shutdown:
        return !permanent || (!brutal && reason.detail.empty());
      case ExitReason::Kind::error:
        break;
    }
    return false;
  }

  void terminate_all() {
    if (!dynamic()) {
      for (std::size_t i = children_.size(); i-- > 0;) terminate_child(i);
      return;
    }
    std::map<std::string, int> errors;
    for (const Child& child : children_) {
      if (child.pid <= 0) continue;
      const ExitReason reason = end(child);
      if (!expected(child, reason)) ++errors[to_text(reason)];
    }
    children_.clear();
    for (const auto& [reason, count] : errors) {
      const std::string children = count == 1 ? "" : " " + std::to_string(count) + " children";
      say("report shutdown_error " + script_.children.front().spec.id + children + " " + reason);
    }
  }

  void terminate(const ExitReason& reason) {
    terminate_all();
    running_ = false;
    say("terminated " + to_text(reason));
  }

  // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────────

  void request(const Message& message) {
    const Operation& operation = message.operation;
    if (operation.kind == Operation::Kind::reload) return reload(message);
    if (operation.kind == Operation::Kind::start_child) return start_child(message);
    if (dynamic() && operation.kind != Operation::Kind::terminate_child) return reply(message, "simple_one_for_one");
    for (std::size_t i = 0; i < children_.size(); ++i) {
      Child& child = children_[i];
      if (dynamic() ? child.last_pid != message.pid : child.name != operation.id) continue;
      if (operation.kind == Operation::Kind::terminate_child) {
        terminate_child(i);
        return reply(message, "ok");
      }
      if (child.pid == restarting) return reply(message, "restarting");
      if (child.pid != undefined) return reply(message, "running");
      if (operation.kind == Operation::Kind::delete_child) {
        children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
        return reply(message, "ok");
      }
      const auto pid = start(child);
      if (pid) child.pid = *pid;
      if (child.pid != undefined) child.last_pid = child.pid;
      return started(message, pid);
    }
    reply(message, dynamic() && message.pid != undefined ? "ok" : "not_found");
  }

  void start_child(const Message& message) {
    const std::string& id = message.operation.id;
    Child child{script_.children.front().spec, id};
    if (!dynamic()) {
      const auto known = std::ranges::find(children_, id, &Child::name);
      if (known != children_.end()) return reply(message, known->pid > 0 ? "already_started" : "already_present");
      child.spec = std::ranges::find(script_.more, id, [](const auto& more) { return more.spec.id; })->spec;
    }
    const auto pid = start(child);
    if (pid && !(dynamic() && *pid == undefined)) {
      children_.push_back(child);
      came_up(children_.size() - 1, *pid);
    }
    started(message, pid);
  }

  void reload(const Message& message) {
    flags_ = script_.reloaded.flags;
    std::vector<Child> merged;
    if (!dynamic()) {
      for (const ChildSpec& spec : script_.reloaded.children) {
        const auto known = std::ranges::find(children_, spec.id, &Child::name);
        merged.push_back(known == children_.end() ? Child{spec, spec.id}
                                                  : Child{spec, spec.id, known->pid, known->last_pid});
        if (known != children_.end()) children_.erase(known);
      }
      merged.insert(merged.end(), children_.begin(), children_.end());
      children_ = std::move(merged);
    }
    reply(message, "ok");
  }

  void started(const Message& message, std::optional<int> pid) {
    if (!pid) return reply(message, "start_failed " + to_text(failure_));
    reply(message, *pid == undefined ? "ok" : "ok started");
  }

  void reply(const Message& message, const std::string& text) { replies_.emplace_back(message.number, text); }

  void report(const std::string& context, const Child& child, const ExitReason& reason) {
    say("report " + context + " " + child.name + " " + to_text(reason));
  }

  void describe() {
    if (!running_) return;
    std::string line = "children";
    std::vector<std::string> names;
    std::size_t active = 0;
    std::size_t supervisors = 0;
    for (const Child& child : children_) {
      names.push_back(child.name + "=" + (child.pid == undefined ? "stopped" : "running"));
      active += child.pid == undefined ? 0 : 1;
      supervisors += child.spec.type == ChildType::supervisor ? 1 : 0;
    }
    if (dynamic()) std::ranges::sort(names);
    for (const auto& name : names) line += " " + name;
    say(line);
    say("counts specs=" + std::to_string(dynamic() ? 1 : children_.size()) + " active=" + std::to_string(active) +
        " supervisors=" + std::to_string(supervisors) + " workers=" + std::to_string(children_.size() - supervisors));
  }

  const Script& script_;
  SupervisorFlags flags_;
  std::map<std::string, Behaviour> behaviours_;
  std::map<std::string, int> pids_;  // of each name, the latest
  std::set<int> alive_;
  std::deque<Message> mailbox_;
  std::vector<Child> children_;
  std::vector<std::int64_t> restarts_;
  std::vector<std::pair<int, std::string>> replies_;
  ExitReason failure_;
  bool running_ = false;
  std::int64_t now_ = 0;
  int last_pid_ = 0;
  int requests_ = 0;
  Transcript transcript_;
};

}  // namespace

Transcript play_on_model(const Script& script) { return Model(script).run(); }

}  // namespace troupe::supervision
