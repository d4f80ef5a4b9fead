#include "tests/supervision/script.hpp"

#include <algorithm>
#include <set>

#include <troupe/wire/enumerators.hpp>

namespace troupe::supervision {
namespace {

class Player {
 public:
  Player(const Script& script, SimulatedTree::Answers answers) : script_(script), tree_(script.spec(), answers) {
    for (const auto& child : script.children) tree_.behaviour(child.spec.id) = child.behaviour;
    for (const auto& child : script.more) tree_.behaviour(child.spec.id) = child.behaviour;
  }

  Transcript run() {
    tree_.start();
    settle();
    for (const Step& step : script_.steps) {
      tree_.move_clock(std::chrono::seconds(step.seconds_before));
      for (const Operation& operation : step.burst) happen(operation);
      settle();
    }
    return std::move(transcript_);
  }

 private:
  void happen(const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::exit:
        return tree_.exit(operation.id, operation.reason);
      case Operation::Kind::stop:
        return tree_.stop(operation.reason);
      case Operation::Kind::start_child:
        start_child(operation.id);
        break;
      case Operation::Kind::terminate_child:
        terminate_child(operation.id);
        break;
      case Operation::Kind::restart_child:
        tree_.restart_child(operation.id);
        break;
      case Operation::Kind::delete_child:
        tree_.delete_child(operation.id);
        break;
      case Operation::Kind::reload:
        tree_.reload(script_.reloaded);
        break;
    }
  }

  void start_child(const std::string& id) {
    if (script_.dynamic()) {
      tree_.start_dynamic(id);
      return;
    }
    tree_.start_child(std::ranges::find(script_.more, id, [](const auto& child) { return child.spec.id; })->spec);
  }

  /// OTP says `ok` for the pid of any dead process; Troupe does not know what a ref it has forgotten once was.
  void terminate_child(const std::string& id) {
    const bool was_one = script_.dynamic() && tree_.knows(id);
    const RequestId request = tree_.terminate_child(id);
    if (was_one) forgotten_.insert("reply " + std::to_string(static_cast<std::uint64_t>(request)) + " not_found");
  }

  /// Time limits come to their end, but the clock that restarts are counted by stands still, as in play.escript.
  void settle() {
    tree_.settle();
    while (tree_.fire_next_timer()) tree_.settle();
    Transcript replies;
    for (std::string& line : tree_.take_log()) {
      if (forgotten_.contains(line)) line.replace(line.rfind(' ') + 1, std::string::npos, "ok");
      (line.starts_with("reply ") ? replies : transcript_).push_back(std::move(line));
    }
    std::ranges::sort(replies, {}, [](const auto& line) { return std::stoi(line.substr(6)); });
    std::ranges::move(replies, std::back_inserter(transcript_));
    if (tree_.root().phase() == Supervisor::Phase::running) describe();
  }

  void describe() {
    std::vector<std::string> children;
    for (const ChildInfo& child : tree_.root().which_children())
      children.push_back((script_.dynamic() ? tree_.name(child.ref) : child.id) + "=" +
                         std::string(wire::enum_name(child.state)));
    if (script_.dynamic()) std::ranges::sort(children);
    std::string line = "children";
    for (const auto& child : children) line += " " + child;
    transcript_.push_back(line);
    const ChildCounts counts = tree_.root().count_children();
    transcript_.push_back("counts specs=" + std::to_string(counts.specs) + " active=" + std::to_string(counts.active) +
                          " supervisors=" + std::to_string(counts.supervisors) +
                          " workers=" + std::to_string(counts.workers));
  }

  const Script& script_;
  SimulatedTree tree_;
  std::set<std::string> forgotten_;  ///< replies
  Transcript transcript_;
};

}  // namespace

SupervisorSpec Script::spec() const {
  SupervisorSpec spec{.flags = flags};
  for (const auto& child : children) spec.children.push_back(child.spec);
  return spec;
}

Transcript play(const Script& script, SimulatedTree::Answers answers) {
  Transcript transcript = Player(script, answers).run();
  sort_parallel_ends(script, transcript);
  return transcript;
}

void sort_parallel_ends(const Script& script, Transcript& transcript) {
  if (!script.dynamic()) return;
  const auto of_a_child = [](const std::string& line) {
    return line.starts_with("shutdown ") || line.starts_with("exit ") || line.starts_with("report shutdown_error");
  };
  for (auto begin = transcript.begin(); begin != transcript.end();) {
    begin = std::find_if(begin, transcript.end(), of_a_child);
    const auto end = std::find_if_not(begin, transcript.end(), of_a_child);
    std::sort(begin, end);
    begin = end;
  }
}

std::string to_text(const Transcript& transcript) {
  std::string text;
  for (const auto& line : transcript) text += line + "\n";
  return text;
}

}  // namespace troupe::supervision
