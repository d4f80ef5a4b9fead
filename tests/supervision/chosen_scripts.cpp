#include "tests/supervision/script.hpp"

namespace troupe::supervision {
namespace {

using Kind = Operation::Kind;

std::vector<ScriptedChild> workers(std::initializer_list<const char*> ids, Restart restart = Restart::permanent) {
  std::vector<ScriptedChild> children;
  for (const char* id : ids) children.push_back({.spec = worker(id, restart)});
  return children;
}

/// Two restarts in 5 s are borne; the third comes so many seconds after the first.
Script at_the_edge_of_the_period(std::int64_t seconds) {
  return {.name = std::to_string(seconds) + " s after the first",
          .flags = {.intensity = 2, .period = std::chrono::seconds(5)},
          .children = workers({"a"}),
          .steps = {{{{Kind::exit, "a", boom}}},
                    {{{Kind::exit, "a", boom}}},
                    {{{Kind::exit, "a", boom}}, seconds},
                    {{{Kind::exit, "a", boom}}}}};
}

Script brought_up_again_after_its_end(Strategy strategy) {
  Script script{
      .name = "a group restart brings up what had stopped for good",
      .flags = {.strategy = strategy, .intensity = 3},
      .children = workers({"a", "b", "c"}, Restart::transient),
      .steps = {
          {{{Kind::exit, "c", ExitReason::normal()}}}, {{{Kind::terminate_child, "b"}}}, {{{Kind::exit, "a", boom}}}}};
  return script;
}

Script deaths_of_all_at_once(Strategy strategy) {
  return {.name = "all die before the first is looked at",
          .flags = {.strategy = strategy, .intensity = 3},
          .children = workers({"a", "b", "c"}),
          .steps = {{{{Kind::exit, "b", boom}, {Kind::exit, "a", ExitReason::normal()}, {Kind::exit, "c", boom}}},
                    {{{Kind::exit, "c", boom}, {Kind::stop, {}, ExitReason::shutdown()}, {Kind::exit, "a", boom}}}}};
}

Script a_stop_between_two_tries() {
  Script script{.name = "what waits in the mailbox comes before the next try",
                .flags = {.intensity = 5},
                .children = workers({"a", "b"}),
                .steps = {{{{Kind::exit, "a", boom},
                            {Kind::restart_child, "a"},
                            {Kind::delete_child, "a"},
                            {Kind::exit, "b", boom},
                            {Kind::terminate_child, "a"},
                            {Kind::restart_child, "a"},
                            {Kind::stop, {}, ExitReason::shutdown("enough")},
                            {Kind::restart_child, "b"}}}}};
  script.children[0].behaviour.starts = {StartOutcome::up(), StartOutcome::fails("bad")};
  return script;
}

Script significant_ones_of_which_one_restarts() {
  Script script{.name = "a child whose restart is tried again is active",
                .flags = {.intensity = 5, .auto_shutdown = AutoShutdown::all_significant},
                .children = workers({"a", "b"}, Restart::transient),
                .steps = {{{{Kind::exit, "a", boom}, {Kind::exit, "b", ExitReason::normal()}}},
                          {{{Kind::exit, "a", ExitReason::normal()}}}}};
  for (auto& child : script.children) child.spec.significant = true;
  script.children[0].behaviour.starts = {StartOutcome::up(), StartOutcome::fails("bad")};
  return script;
}

}  // namespace

std::vector<Script> chosen_scripts() {
  std::vector<Script> scripts;
  for (const std::int64_t seconds : {0, 4, 5, 6, 7}) scripts.push_back(at_the_edge_of_the_period(seconds));
  for (const Strategy strategy : {Strategy::one_for_one, Strategy::one_for_all, Strategy::rest_for_one}) {
    scripts.push_back(brought_up_again_after_its_end(strategy));
    scripts.push_back(deaths_of_all_at_once(strategy));
  }
  scripts.push_back(a_stop_between_two_tries());
  scripts.push_back(significant_ones_of_which_one_restarts());
  return scripts;
}

}  // namespace troupe::supervision
