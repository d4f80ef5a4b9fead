#include "tests/supervision/simulated_tree.hpp"

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <utility>

#include <troupe/wire/enumerators.hpp>

namespace troupe::supervision {

SimulatedTree::SimulatedTree(const SupervisorSpec& spec, Answers answers) : answers_(answers) {
  Process root{.id = "root", .alive = true};
  root.supervisor = make_supervisor("root", spec);
  processes_.emplace(ChildRef::none, std::move(root));
}

std::unique_ptr<Supervisor> SimulatedTree::make_supervisor(const std::string& path, const SupervisorSpec& spec) const {
  return std::make_unique<Supervisor>(path, spec, [random = random_] { return (*random)(); });
}

void SimulatedTree::start() { post(Start{}); }
void SimulatedTree::stop(ExitReason reason) { post(Stop{std::move(reason)}); }
void SimulatedTree::kill() { urgent_.push_back({ChildRef::none, Kill{}}); }

void SimulatedTree::exit(const std::string& id, const ExitReason& reason) {
  auto* process = const_cast<Process*>(find(id));
  if (process == nullptr || !process->alive) return;
  process->alive = false;
  log_.push_back("exit " + id + " " + to_text(reason));
  mailbox_.push_back({process->parent, ChildExited{process->ref, reason}});
}

RequestId SimulatedTree::ask(auto request) {
  request.request = next_request();
  const RequestId id = request.request;
  post(std::move(request));
  return id;
}

ChildName SimulatedTree::name_of(const std::string& id) const {
  if (root().flags().strategy != Strategy::simple_one_for_one) return id;
  const Process* process = find(id);
  return process == nullptr ? ChildRef(~0ULL) : process->ref;
}

RequestId SimulatedTree::start_child(ChildSpec spec) { return ask(request::StartChild{{}, std::move(spec)}); }
RequestId SimulatedTree::start_dynamic(const std::string& argument) {
  return ask(request::StartDynamicChild{{}, std::any(argument)});
}
RequestId SimulatedTree::terminate_child(const std::string& id) {
  return ask(request::TerminateChild{{}, name_of(id)});
}
RequestId SimulatedTree::restart_child(const std::string& id) { return ask(request::RestartChild{{}, name_of(id)}); }
RequestId SimulatedTree::delete_child(const std::string& id) { return ask(request::DeleteChild{{}, name_of(id)}); }
RequestId SimulatedTree::reload(SupervisorSpec spec) { return ask(request::Reload{{}, std::move(spec)}); }

SimulatedTree& SimulatedTree::settle() {
  while (!urgent_.empty() || !mailbox_.empty()) {
    auto& from = urgent_.empty() ? mailbox_ : urgent_;
    Post next = std::move(from.front());
    from.pop_front();
    deliver(std::move(next));
  }
  return *this;
}

SimulatedTree& SimulatedTree::pass(Duration time) {
  const Instant until = now_ + time;
  settle();
  while (!timers_.empty() && timers_.begin()->first <= until) {
    now_ = std::max(now_, timers_.begin()->first);
    fire_next_timer();
    settle();
  }
  now_ = until;
  return *this;
}

bool SimulatedTree::fire_next_timer() {
  if (timers_.empty()) return false;
  const Timer timer = timers_.begin()->second;
  timers_.erase(timers_.begin());
  answer(timer.supervisor, TimerFired{timer.id});
  return true;
}

void SimulatedTree::deliver(Post post) {
  Process& self = processes_.at(post.to);
  for (const Command& command : self.supervisor->handle(std::move(post.event), now_))
    std::visit([&](const auto& alternative) { carry_out(self, alternative); }, command);
}

void SimulatedTree::answer(ChildRef to, Event event) {
  (answers_ == Answers::at_once ? urgent_ : mailbox_).push_back({to, std::move(event)});
}

void SimulatedTree::ended(Process& process, const ExitReason& reason) {
  process.alive = false;
  log_.push_back("exit " + process.id + " " + to_text(reason));
  answer(process.parent, ChildExited{process.ref, reason});
}

// ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void SimulatedTree::carry_out(Process& self, const command::StartChild& command) {
  const auto* argument = std::any_cast<std::string>(&command.arguments);
  const std::string id = argument == nullptr ? command.spec->id : *argument;
  Behaviour& behaviour = behaviours_[id];
  StartOutcome outcome;
  if (!behaviour.starts.empty()) {
    outcome = behaviour.starts.front();
    behaviour.starts.pop_front();
  }
  pending_[id] = {self.ref, command.attempt};
  if (outcome.kind == StartOutcome::Kind::never) {
    log_.push_back("start " + id);
    return;
  }
  if (outcome.kind != StartOutcome::Kind::up || command.spec->children == nullptr) return answer_start(id, outcome);
  log_.push_back("start " + id);
  const ChildRef ref{++last_ref_};
  Process process{.id = id, .ref = ref, .parent = self.ref, .attempt = command.attempt, .alive = true};
  process.supervisor = make_supervisor(self.supervisor->path() + "/" + id, *command.spec->children);
  processes_.emplace(ref, std::move(process));
  mailbox_.push_back({ref, Start{}});
}

void SimulatedTree::answer_start(const std::string& id, const StartOutcome& outcome) {
  const auto [parent, attempt] = pending_.at(id);
  switch (outcome.kind) {
    case StartOutcome::Kind::ignored:
      log_.push_back("start " + id + " ignored");
      return answer(parent, ChildIgnored{attempt});
    case StartOutcome::Kind::fails:
      log_.push_back("start " + id + " " + to_text(outcome.reason));
      return answer(parent, ChildStartFailed{attempt, outcome.reason});
    default:
      log_.push_back("start " + id);
  }
  const ChildRef ref{++last_ref_};
  processes_.emplace(ref, Process{.id = id, .ref = ref, .parent = parent, .attempt = attempt, .alive = true});
  answer(parent, ChildStarted{attempt, ref});
}

void SimulatedTree::carry_out(Process& self, const command::CancelStart& command) {
  for (const auto& [id, start] : pending_) {
    if (start != std::pair(self.ref, command.attempt)) continue;
    log_.push_back("cancel " + id);
    for (auto& [ref, process] : processes_)
      if (process.supervisor != nullptr && process.parent == self.ref && process.attempt == command.attempt)
        urgent_.push_back({ref, Kill{}});
    answer(self.ref, ChildStartFailed{command.attempt, ExitReason::killed()});
  }
}

void SimulatedTree::carry_out(Process&, const command::ExitChild& command) {
  Process& process = processes_.at(command.ref);
  if (!process.alive) return;
  const bool kill = command.signal == command::ExitChild::Signal::kill;
  if (process.supervisor != nullptr) {
    if (!kill) log_.push_back("shutdown " + process.id);
    kill ? urgent_.push_back({process.ref, Kill{}}) : mailbox_.push_back({process.ref, Stop{ExitReason::shutdown()}});
    return;
  }
  if (kill) return ended(process, ExitReason::killed());
  log_.push_back("shutdown " + process.id);
  const OnShutdown& on_shutdown = behaviours_[process.id].on_shutdown;
  if (on_shutdown.kind == OnShutdown::Kind::obeys) return ended(process, ExitReason::shutdown());
  if (on_shutdown.kind == OnShutdown::Kind::ends) return ended(process, on_shutdown.reason);
}

void SimulatedTree::carry_out(Process& self, const command::ArmTimer& command) {
  timers_.emplace(now_ + command.after, Timer{self.ref, command.timer});
}

void SimulatedTree::carry_out(Process& self, const command::CancelTimer& command) {
  std::erase_if(timers_, [&](const auto& entry) {
    return entry.second.supervisor == self.ref && entry.second.id == command.timer;
  });
}

void SimulatedTree::carry_out(Process& self, const command::Requeue& command) {
  mailbox_.push_back({self.ref, command.event});
}

void SimulatedTree::carry_out(Process&, const command::Reply& command) {
  std::string text = "ok";
  if (command.refusal) {
    text = wire::enum_name(*command.refusal);
    if (command.refusal == Refusal::start_failed) text += " " + command.why;
  } else if (command.child != ChildRef::none) {
    text += " started";
  }
  log_.push_back("reply " + std::to_string(static_cast<std::uint64_t>(command.request)) + " " + text);
}

void SimulatedTree::carry_out(Process& self, const command::Started&) {
  if (self.ref == ChildRef::none) {
    log_.emplace_back("started");
  } else {
    answer(self.parent, ChildStarted{self.attempt, self.ref});
  }
}

void SimulatedTree::carry_out(Process& self, const command::StartFailed& command) {
  self.alive = false;
  if (self.ref == ChildRef::none) {
    log_.push_back("start_failed " + to_text(command.reason));
  } else {
    answer(self.parent, ChildStartFailed{self.attempt, command.reason});
  }
}

void SimulatedTree::carry_out(Process& self, const command::Terminate& command) {
  if (self.ref != ChildRef::none) return ended(self, command.reason);
  self.alive = false;
  log_.push_back("terminated " + to_text(command.reason));
}

void SimulatedTree::carry_out(Process&, const Report& report) {
  const Offender& offender = report.offender;
  std::string text = "report ";
  text.append(wire::enum_name(report.context)).append(" ");
  const bool dynamic = offender.ref != ChildRef::none && processes_.contains(offender.ref);
  if (dynamic) {
    text += name(offender.ref);
  } else {
    text += offender.spec->id;
  }
  if (offender.children != 1) text += " " + std::to_string(offender.children) + " children";
  log_.push_back(text + " " + to_text(report.reason));
}

void SimulatedTree::carry_out(Process&, const Progress& progress) {
  log_.push_back("progress " + progress.started.spec->id);
}

// ── What is there ────────────────────────────────────────────────────────────────────────────────────────────────────

const SimulatedTree::Process* SimulatedTree::find(const std::string& id) const {
  for (const auto& [ref, process] : processes_ | std::views::reverse)
    if (process.id == id) return &process;
  return nullptr;
}

bool SimulatedTree::runs(const std::string& id) const {
  const Process* process = find(id);
  return process != nullptr && process->alive;
}

std::string SimulatedTree::name(ChildRef ref) const { return processes_.at(ref).id; }

std::size_t SimulatedTree::running() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(processes_, [](const auto& entry) { return entry.second.alive; }));
}

SimulatedTree& running(SimulatedTree& tree) {
  tree.start();
  tree.settle();
  tree.take_log();
  return tree;
}

SimulatedTree running_tree(const SupervisorSpec& spec) {
  SimulatedTree tree(spec);
  running(tree);
  return tree;
}

ChildSpec worker(const std::string& id, Restart restart) { return {.id = id, .restart = restart}; }

ChildSpec supervisor(const std::string& id, SupervisorSpec spec, Restart restart) {
  return {.id = id,
          .restart = restart,
          .type = ChildType::supervisor,
          .children = std::make_shared<const SupervisorSpec>(std::move(spec))};
}

}  // namespace troupe::supervision
