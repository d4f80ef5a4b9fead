// Scripts as Erlang terms. Ids and reasons are atoms.
#include <troupe/wire/enumerators.hpp>

#include "tests/supervision/script.hpp"

namespace troupe::supervision {
namespace {

std::string list_of(const auto& items, const auto& to_term) {
  std::string text = "[";
  for (const auto& item : items) text += (text.size() == 1 ? "" : ", ") + to_term(item);
  return text + "]";
}

std::string name_of(auto value) { return std::string(wire::enum_name(value)); }

std::string reason_term(const ExitReason& reason) {
  if (reason.kind == ExitReason::Kind::shutdown && !reason.detail.empty()) return "{shutdown, " + reason.detail + "}";
  return to_text(reason);
}

std::string shutdown_term(const Shutdown& shutdown) {
  return shutdown.kind == Shutdown::Kind::timeout ? std::to_string(shutdown.timeout.count()) : to_text(shutdown);
}

std::string outcome_term(const StartOutcome& outcome) {
  if (outcome.kind == StartOutcome::Kind::fails) return "{fails, " + reason_term(outcome.reason) + "}";
  return name_of(outcome.kind);
}

std::string child_term(const ScriptedChild& child) {
  const OnShutdown& does = child.behaviour.on_shutdown;
  const std::string on_shutdown =
      does.kind == OnShutdown::Kind::ends ? "{ends, " + reason_term(does.reason) + "}" : name_of(does.kind);
  return "{" + child.spec.id + ", " + name_of(child.spec.restart) + ", " + (child.spec.significant ? "true" : "false") +
         ", " + shutdown_term(child.spec.effective_shutdown()) + ", " + name_of(child.spec.type) + ", " +
         list_of(child.behaviour.starts, outcome_term) + ", " + on_shutdown + "}";
}

std::string flags_term(const SupervisorFlags& flags) {
  return "#{strategy => " + name_of(flags.strategy) + ", intensity => " + std::to_string(flags.intensity) +
         ", period => " + std::to_string(flags.period / std::chrono::seconds(1)) + ", auto_shutdown => " +
         name_of(flags.auto_shutdown) + "}";
}

std::string operation_term(const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::reload:
      return "reload";
    case Operation::Kind::stop:
      return "{stop, " + reason_term(operation.reason) + "}";
    case Operation::Kind::exit:
      return "{exit, " + operation.id + ", " + reason_term(operation.reason) + "}";
    default:
      return "{" + name_of(operation.kind) + ", " + operation.id + "}";
  }
}

std::string step_term(const Step& step) {
  return "{" + std::to_string(step.seconds_before) + ", " + list_of(step.burst, operation_term) + "}";
}

}  // namespace

std::string to_erlang(const Script& script) {
  const auto spec_term = [](const ChildSpec& spec) { return child_term({spec}); };
  return "{\"" + script.name + "\",\n " + flags_term(script.flags) + ",\n " + list_of(script.children, child_term) +
         ",\n " + list_of(script.more, child_term) + ",\n {" + flags_term(script.reloaded.flags) + ", " +
         list_of(script.reloaded.children, spec_term) + "},\n " + list_of(script.steps, step_term) + "}.\n";
}

}  // namespace troupe::supervision
