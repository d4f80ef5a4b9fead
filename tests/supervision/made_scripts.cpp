#include <algorithm>
#include <array>

#include <troupe/wire/enumerators.hpp>

#include "tests/supervision/script.hpp"

namespace troupe::supervision {
namespace {

using Choose = std::function<unsigned(unsigned)>;

const std::array<ExitReason, 5> reasons{ExitReason::error("boom"), ExitReason::normal(), ExitReason::shutdown(),
                                        ExitReason::shutdown("done"), ExitReason::killed()};

/// Time limits that are waited for in real time where Erlang plays, so those that come to their end are short.
constexpr Duration long_shutdown = std::chrono::minutes(1);
constexpr Duration short_shutdown{3};

StartOutcome any_outcome(const Choose& choose) {
  switch (choose(4)) {
    case 0:
      return StartOutcome::up();
    case 1:
      return StartOutcome::fails("bad");
    case 2:
      return StartOutcome::fails("worse");
    default:
      return StartOutcome::ignored();
  }
}

ScriptedChild any_child(const Choose& choose, const std::string& id, AutoShutdown auto_shutdown) {
  ScriptedChild child{.spec = worker(id, static_cast<Restart>(choose(3)))};
  if (choose(4) == 1) child.spec.type = ChildType::supervisor;
  child.spec.significant =
      auto_shutdown != AutoShutdown::never && child.spec.restart != Restart::permanent && choose(2) == 1;
  child.spec.shutdown = Shutdown::after(long_shutdown);
  switch (choose(6)) {
    case 1:
      child.behaviour.on_shutdown = OnShutdown::ends(reasons.at(choose(4)));
      break;
    case 2:
      child.behaviour.on_shutdown = OnShutdown::ignores();
      child.spec.shutdown = choose(2) == 0 ? Shutdown::after(short_shutdown) : Shutdown::brutal_kill();
      break;
    case 3:
      child.spec.shutdown = Shutdown::infinity();
      break;
    case 4:
      child.spec.shutdown = Shutdown::brutal_kill();
      break;
    default:
      break;
  }
  child.behaviour.starts.push_back(choose(12) == 1 ? any_outcome(choose) : StartOutcome::up());
  for (unsigned left = choose(4); left > 0; --left) child.behaviour.starts.push_back(any_outcome(choose));
  return child;
}

/// A dynamic child that is started again with "ignore" is where OTP errs; see docs/supervision.md.
void never_ignore_a_restart(ScriptedChild& child) {
  for (auto& outcome : child.behaviour.starts)
    if (outcome.kind == StartOutcome::Kind::ignored) outcome = StartOutcome::fails("ignored");
}

Operation any_operation(const Choose& choose, const Script& script) {
  std::vector<std::string> ids;
  if (!script.dynamic())
    for (const auto& child : script.children) ids.push_back(child.spec.id);
  for (const auto& child : script.more) ids.push_back(child.spec.id);
  const auto any_id = [&] { return ids.at(choose(static_cast<unsigned>(ids.size()))); };
  switch (choose(10)) {
    case 5:
      return {Operation::Kind::terminate_child, any_id()};
    case 6:
      return {Operation::Kind::restart_child, any_id()};
    case 7:
      return {Operation::Kind::delete_child, any_id()};
    case 8:
    case 9:
      return {Operation::Kind::start_child, script.more.at(choose(static_cast<unsigned>(script.more.size()))).spec.id};
    default:
      return {Operation::Kind::exit, any_id(), reasons.at(choose(5))};
  }
}

SupervisorFlags any_flags(const Choose& choose) {
  return {.strategy = static_cast<Strategy>(choose(4)),
          .intensity = choose(5),
          .period = std::chrono::seconds(1 + choose(4)),
          .auto_shutdown = choose(3) == 1 ? static_cast<AutoShutdown>(1 + choose(2)) : AutoShutdown::never};
}

/// The same children, some left out, with one that is new; in the same form, so that a running supervisor can take it.
SupervisorSpec any_reload(const Choose& choose, const Script& script) {
  SupervisorSpec spec{.flags = script.flags};
  spec.flags.intensity = choose(5);
  if (!script.dynamic()) spec.flags.strategy = static_cast<Strategy>(choose(3));
  for (const auto& child : script.children)
    if (script.dynamic() || choose(3) != 1) spec.children.push_back(child.spec);
  if (!script.dynamic()) {
    std::ranges::reverse(spec.children);
    spec.children.push_back(script.more.front().spec);
  }
  return spec;
}

}  // namespace

Script make_script(const Choose& choose) {
  Script script{.name = "random", .flags = any_flags(choose)};
  const AutoShutdown auto_shutdown = script.flags.auto_shutdown;
  const unsigned count = script.dynamic() ? 1 : 1 + choose(4);
  for (unsigned i = 0; i < count; ++i)
    script.children.push_back(any_child(choose, std::string(1, static_cast<char>('a' + i)), auto_shutdown));
  for (const char* id : {"x", "y", "z"}) script.more.push_back(any_child(choose, id, auto_shutdown));
  if (script.dynamic()) {
    // The template decides how they are stopped.
    for (auto& child : script.more) {
      never_ignore_a_restart(child);
      child.behaviour.on_shutdown = script.children.front().behaviour.on_shutdown;
    }
  }
  script.reloaded = any_reload(choose, script);
  for (unsigned left = choose(7); left > 0; --left) {
    Step step{.seconds_before = choose(4)};
    if (choose(10) == 1) {
      step.burst.push_back({Operation::Kind::reload});
    } else {
      for (unsigned operations = 1 + choose(4); operations > 0; --operations)
        step.burst.push_back(any_operation(choose, script));
    }
    script.steps.push_back(step);
  }
  if (choose(2) == 1) script.steps.push_back({{{Operation::Kind::stop, {}, ExitReason::shutdown()}}});
  return script;
}

std::vector<Script> grid_of_scripts() {
  using Starts = std::deque<StartOutcome>;
  const Starts fails(9, StartOutcome::fails("bad"));
  Starts comes_up_once = fails;
  comes_up_once.front() = StartOutcome::up();
  const std::array<Starts, 6> restarts{Starts{},
                                       Starts{StartOutcome::up(), StartOutcome::ignored()},
                                       Starts{StartOutcome::up(), fails[0]},
                                       Starts{StartOutcome::up(), fails[0], fails[0]},
                                       comes_up_once,
                                       fails};
  std::vector<Script> scripts;
  for (const auto& strategy : wire::enumerators<Strategy>)
    for (const auto& restart : wire::enumerators<Restart>)
      for (const ExitReason& reason : reasons)
        for (std::size_t starts = 0; starts < restarts.size(); ++starts)
          for (const std::string id : {"a", "b", "c"}) {
            Script script{.name = std::string(strategy.name) + " " + std::string(restart.name) + " " + to_text(reason) +
                                  " " + std::to_string(starts) + " " + id,
                          .flags = {.strategy = strategy.value, .intensity = 2}};
            for (const char* sibling : {"a", "b", "c"}) {
              ScriptedChild child{.spec = worker(sibling, restart.value)};
              if (id == sibling) child.behaviour.starts = restarts.at(starts);
              if (!script.dynamic()) {
                script.children.push_back(child);
                continue;
              }
              if (starts == 1) never_ignore_a_restart(child);
              script.more.push_back(child);
              script.steps.push_back({{{Operation::Kind::start_child, sibling}}});
            }
            if (script.dynamic()) script.children.push_back({.spec = worker("template", restart.value)});
            script.steps.push_back({{{Operation::Kind::exit, id, reason}}});
            script.steps.push_back({{{Operation::Kind::stop, {}, ExitReason::shutdown()}}});
            scripts.push_back(std::move(script));
          }
  return scripts;
}

}  // namespace troupe::supervision
