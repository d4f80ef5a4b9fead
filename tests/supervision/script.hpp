#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {

struct ScriptedChild {
  ChildSpec spec;
  Behaviour behaviour = {};
};

/// Something that happens to a supervisor.
struct Operation {
  enum class Kind : std::uint8_t { exit, start_child, terminate_child, restart_child, delete_child, reload, stop };

  Kind kind;
  std::string id = {};
  ExitReason reason = {};
};

/// What reaches the mailbox together, some seconds after the step before has settled.
struct Step {
  std::vector<Operation> burst = {};
  std::int64_t seconds_before = 0;
};

/// A life of one supervisor, to be played by whatever has OTP's rules: Troupe's, a model, and Erlang's own.
struct Script {
  std::string name;
  SupervisorFlags flags = {};
  std::vector<ScriptedChild> children = {};  ///< of simple_one_for_one: the template
  /// What start_child takes, by id; of simple_one_for_one, the behaviour of the child with that argument.
  std::vector<ScriptedChild> more = {};
  /// What `reload` brings: these flags, and as specs these children with those of `more`.
  SupervisorSpec reloaded = {};
  std::vector<Step> steps = {};

  bool dynamic() const { return flags.strategy == Strategy::simple_one_for_one; }
  SupervisorSpec spec() const;
};

/// What happened, a line each, as SimulatedTree tells it. After a step: its replies, `children a=running b=stopped`, in
/// the order of their start, and `counts specs=2 active=1 supervisors=0 workers=2`.
using Transcript = std::vector<std::string>;

Transcript play(const Script& script, SimulatedTree::Answers answers);

/// Dynamic children end side by side: neighbouring lines of what they do have no order, and are sorted.
void sort_parallel_ends(const Script& script, Transcript& transcript);

/// A script made by choices, each a number below the given one; the smaller the numbers, the simpler the script.
Script make_script(const std::function<unsigned(unsigned)>& choose);

/// Every strategy with every restart type, reason of death and result of the restart, in every place.
std::vector<Script> grid_of_scripts();
/// Those that show one rule each.
std::vector<Script> chosen_scripts();

/// As an Erlang term for play.escript.
std::string to_erlang(const Script& script);
/// For people.
std::string to_text(const Transcript& transcript);

}  // namespace troupe::supervision
