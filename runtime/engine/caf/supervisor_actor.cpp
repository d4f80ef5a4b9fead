#include <troupe/engine/caf/supervisor_actor.hpp>

#include <algorithm>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <utility>

#include <troupe/engine/detail/exception_text.hpp>

namespace troupe::engine {

namespace command = supervision::command;

struct SupervisorActor::Timer : loop::Timer {
  SupervisorActor& supervisor;
  supervision::TimerId id;

  Timer(SupervisorActor& supervisor, supervision::TimerId id)
      : loop::Timer(&Timer::fire), supervisor(supervisor), id(id) {}
  ~Timer() { supervisor.home().cancel_timer(*this); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  static void fire(loop::Timer& timer) {
    auto& self = static_cast<Timer&>(timer);
    self.supervisor.tell_self(supervision::TimerFired{self.id});
  }
};

SupervisorActor::SupervisorActor(caf::actor_config& config, TreeContext& context, std::string path,
                                 const supervision::SupervisorSpec& spec)
    : SupervisedActor(config, context.home),
      context_(context),
      core_(std::move(path), spec, [&loop = context.home] { return loop.random(); }) {}

SupervisorActor::~SupervisorActor() = default;

void SupervisorActor::on_exit() {
  timers_.clear();
  // There are none, and it has terminated, unless it crashed or is cut off with the engine.
  for (const auto& [ref, child] : children_) post_urgently(child.actor, {ExitSignal::kill});
  children_.clear();
  if (is_root() && core_.phase() != supervision::Supervisor::Phase::terminated) {
    context_.ended(supervision::ExitReason::error("the root supervisor crashed"));
  }
}

caf::message_handler SupervisorActor::handlers() {
  set_down_handler([this](const caf::down_msg& message) { down(message); });
  return caf::message_handler{[this](Tell& message) { tell(std::move(message.event)); }};
}

void SupervisorActor::exit(ExitSignal signal) {
  if (signal == ExitSignal::kill) return tell(supervision::Kill{});
  tell(supervision::Stop{supervision::ExitReason::shutdown()});
}

void SupervisorActor::tell(supervision::Event event) {
  events_.push_back(std::move(event));
  if (std::exchange(handling_, true)) return;
  while (!events_.empty()) {
    supervision::Event next = std::move(events_.front());
    events_.pop_front();
    if (const auto* fired = std::get_if<supervision::TimerFired>(&next)) timers_.erase(fired->timer);
    for (auto& each : core_.handle(std::move(next), home().now())) {
      std::visit([this](auto& command) { carry_out(std::move(command)); }, each);
    }
  }
  handling_ = false;
}

void SupervisorActor::tell_self(supervision::Event event) {
  enqueue(nullptr, caf::make_message_id(), caf::make_message(Tell{std::move(event)}), nullptr);
}

void SupervisorActor::carry_out(command::StartChild start) {
  const supervision::ChildSpec& spec = *start.spec;
  const supervision::ChildRef ref{++context_.last_ref};
  starting_ = start.attempt;
  started_ref_ = ref;
  caf::actor actor;
  try {
    actor = spec.children ? context_.system.spawn<SupervisorActor, caf::lazy_init + caf::hidden>(
                                std::ref(context_), path_of(spec.id), *spec.children)
                          : context_.spawn_leaf(spec);
  } catch (...) {
    return tell(supervision::ChildStartFailed{start.attempt,
                                              supervision::ExitReason::error(text_of(std::current_exception()))});
  }
  monitor(actor);
  children_.emplace(ref, Child{actor, spec.id});
  refs_.emplace(actor.id(), ref);
  Birth birth{address(), start.attempt, ref};
  if (is_alone()) {
    dynamic_cast<SupervisedActor&>(*caf::actor_cast<caf::abstract_actor*>(actor)).begin(std::move(birth));
  } else {
    post(actor, Begin{std::move(birth)});
  }
}

void SupervisorActor::carry_out(const command::CancelStart& cancel) {
  const auto child = children_.find(started_ref_);
  if (cancel.attempt == starting_ && child != children_.end()) {
    post_urgently(child->second.actor, {ExitSignal::kill});
  }
}

void SupervisorActor::carry_out(const command::ExitChild& exit) {
  // One that is gone has told of its end.
  if (const auto child = children_.find(exit.ref); child != children_.end()) {
    post_urgently(child->second.actor, {exit.signal});
  }
}

void SupervisorActor::carry_out(const command::ArmTimer& arm) {
  auto& timer = timers_[arm.timer] = std::make_unique<Timer>(*this, arm.timer);
  home().start_timer(*timer, home().now() + arm.after);
}

void SupervisorActor::carry_out(const command::CancelTimer& cancel) { timers_.erase(cancel.timer); }

void SupervisorActor::carry_out(command::Requeue requeue) { tell_self(std::move(requeue.event)); }

void SupervisorActor::carry_out(const command::Started&) {
  started();
  if (!is_root()) return;
  context_.is_up = true;
  context_.started();
}

void SupervisorActor::carry_out(const command::StartFailed& failed) {
  start_failed(failed.reason);
  if (is_root()) context_.ended(failed.reason);
}

void SupervisorActor::carry_out(const command::Terminate& terminate) {
  end(terminate.reason);
  if (is_root()) context_.ended(terminate.reason);
}

void SupervisorActor::carry_out(const supervision::Report& report) {
  using Context = supervision::Report::Context;
  if (!context_.is_up && report.context == Context::start_error && context_.start_error.empty()) {
    context_.start_error = report.supervisor + '/' + report.offender.spec->id + ": " + to_text(report.reason);
  }
  context_.report(report);
}

void SupervisorActor::down(const caf::down_msg& message) {
  const auto known = refs_.find(message.source.id());
  if (known == refs_.end()) return;
  const supervision::ChildRef ref = known->second;
  const supervision::ExitReason reason = reason_of(message.reason);
  refs_.erase(known);
  children_.erase(ref);
  // Of one that ended before it had answered; an answer that came before makes this one void.
  if (ref == started_ref_) tell(supervision::ChildStartFailed{starting_, reason});
  tell(supervision::ChildExited{ref, reason});
}

caf::actor SupervisorActor::find(const std::string& id) const {
  const auto found = std::ranges::find_if(children_, [&id](const auto& child) { return child.second.id == id; });
  return found == children_.end() ? caf::actor() : found->second.actor;
}

void SupervisorActor::add_missing(std::vector<MissingActor>& missing, TreePart part, std::size_t most) const {
  const auto add = [&](std::string path, supervision::ChildState state, std::optional<std::string> reason) {
    if (missing.size() >= most || part_of(path) != part) return;
    missing.push_back({std::move(path), state, std::move(reason)});
  };
  if (core_.phase() == supervision::Supervisor::Phase::terminated)
    return add(is_root() ? std::string() : core_.path(), supervision::ChildState::stopped, std::nullopt);
  const bool is_lowest = core_.count_children().supervisors == 0;
  // Elsewhere they are few, and of both parts.
  const auto here = core_.missing_children(is_lowest ? most - missing.size() : core_.count_children().specs);
  for (const auto& child : here) {
    const auto& reason = child.last_reason;
    add(path_of(child.name), child.state, reason ? std::optional(to_text(*reason)) : std::nullopt);
  }
  if (is_lowest) return;
  for (const auto& [ref, child] : children_) {
    if (missing.size() >= most) return;
    // With one that is missing, all below it is.
    if (std::ranges::find(here, child.id, &supervision::ChildSnapshot::name) != here.end()) continue;
    const auto* below = dynamic_cast<SupervisorActor*>(caf::actor_cast<caf::abstract_actor*>(child.actor));
    if (below) below->add_missing(missing, part, most);
  }
}

namespace {

/// The shards of one protocol, as one row.
TreeNode folded(const supervision::Snapshot& snapshot) {
  using supervision::ChildState;
  TreeNode row;
  row.name = "shards";
  row.kind = supervision::ChildType::shard;
  row.restart = snapshot.children.front().restart;
  row.state = ChildState::running;
  row.count = snapshot.children.size();
  for (const auto& shard : snapshot.children) {
    row.restarts += shard.restarts;
    if (shard.state == ChildState::running) {
      ++row.running;
    } else {
      row.state = shard.state;
    }
    if (shard.last_reason) row.last_reason = to_text(*shard.last_reason);
  }
  return row;
}

}  // namespace

TreeNode SupervisorActor::snapshot() const {
  const auto snapshot = core_.snapshot(core_.count_children().specs);
  TreeNode node;
  node.name = snapshot.name;
  node.kind = supervision::ChildType::supervisor;
  node.strategy = snapshot.strategy;
  node.state = core_.phase() == supervision::Supervisor::Phase::running ? supervision::ChildState::running
                                                                        : supervision::ChildState::restarting;
  if (!snapshot.children.empty() && snapshot.children.front().kind == supervision::ChildType::shard) {
    node.children.push_back(folded(snapshot));
    return node;
  }
  for (const auto& child : snapshot.children) {
    TreeNode below;
    const auto living = children_.find(child.ref);
    if (living != children_.end() && child.kind == supervision::ChildType::supervisor) {
      below = dynamic_cast<SupervisorActor&>(*caf::actor_cast<caf::abstract_actor*>(living->second.actor)).snapshot();
    }
    below.name = child.name;
    below.kind = child.kind;
    below.restart = child.restart;
    below.state = child.state;
    below.restarts = child.restarts;
    if (child.last_reason) below.last_reason = to_text(*child.last_reason);
    below.running = child.state == supervision::ChildState::running ? 1 : 0;
    node.children.push_back(std::move(below));
  }
  return node;
}

}  // namespace troupe::engine
