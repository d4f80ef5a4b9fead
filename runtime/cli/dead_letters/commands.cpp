#include <troupe/cli/dead_letters/commands.hpp>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include <troupe/cli/table.hpp>
#include <troupe/contract/dead_letter_id.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::cli {

namespace {

/// Commands that a node is given at the same time: its store does them in one transaction.
constexpr std::size_t commands_at_once = 16;

/// What `list --json` prints of one node.
struct NodeLetters {
  std::string node;
  std::string admin;
  std::optional<std::string> trouble;
  std::vector<observe::DeadLetterSummary> dead_letters;
};
struct LettersReport {
  std::vector<NodeLetters> nodes;
};

std::string to_json(const LetterNodes& nodes) {
  LettersReport report;
  for (const auto& node : nodes.all()) {
    const auto trouble = node.trouble.empty() ? std::nullopt : std::optional(node.trouble);
    report.nodes.push_back({node.node, to_string(node.address), trouble, node.dead_letters});
  }
  return wire::to_json(report);
}

std::string to_text(const LetterNodes& nodes) {
  Table table({"DEAD LETTER", "NODE", "FROM", "TO", "MESSAGE", "SENT", "DIED", "ATTEMPTS", "REASON"});
  for (const auto& node : nodes.all()) {
    for (const auto& letter : node.dead_letters) {
      table.add({letter.id, node.node, letter.sender, letter.receiver, letter.message, troupe::to_text(letter.sent_at),
                 troupe::to_text(letter.died_at), std::to_string(letter.attempts), letter.reason});
    }
  }
  std::string text;
  table.append_to(text);
  return text;
}

void print_troubles(const LetterNodes& nodes) {
  for (const auto& node : nodes.all()) {
    if (!node.trouble.empty()) std::cerr << name_of(node) << ": " << node.trouble << '\n';
  }
}

bool is_id(const node::Application& application, const std::string& id) {
  if (parse_dead_letter_id(id)) return true;
  std::cerr << topology::quote(id)
            << " names no dead letter; it is PROTOCOL/OPERATION, such as order/01m7y867qz..., as `"
            << application.name() << " dead-letters list` prints it\n";
  return false;
}

std::optional<FoundLetter> find_or_tell(LetterNodes& nodes, const std::string& id) {
  auto found = nodes.find(id);
  if (found) return found;
  std::cerr << "there is no dead letter " << id << (nodes.all_tell() ? "" : " on the nodes that answer") << '\n';
  print_troubles(nodes);
  return std::nullopt;
}

std::string_view past(LetterCommand command) { return command == LetterCommand::retry ? "retried" : "dropped"; }

/// Says what became of one letter; true: what was wanted.
bool tell(const std::string& id, const NodeAnswer& answer, LetterCommand command) {
  if (!answer.trouble.empty()) {
    std::cerr << id << ": " << answer.trouble << '\n';
    return false;
  }
  const auto detail = wire::from_stored_json<observe::DeadLetterDetail>(answer.body);
  std::cout << past(command) << ' ' << id;
  if (detail) std::cout << "  " << detail->letter.message << " to " << detail->letter.receiver;
  std::cout << '\n';
  return true;
}

/// How many of the node's letters it has done that with.
std::size_t command_all_of(const LetterNode& node, LetterCommand command) {
  std::size_t count = 0;
  for (std::size_t first = 0; first < node.dead_letters.size(); first += commands_at_once) {
    std::vector<std::string> ids;
    for (std::size_t i = first; i < std::min(first + commands_at_once, node.dead_letters.size()); ++i) {
      ids.push_back(node.dead_letters[i].id);
    }
    const auto answers = LetterNodes::command(node.address, ids, command);
    for (std::size_t i = 0; i < ids.size(); ++i) count += tell(ids[i], answers[i], command) ? 1 : 0;
  }
  return count;
}

}  // namespace

ExitCode list_dead_letters(const node::Application& application, const LetterNodeArguments& arguments,
                           LettersForm form) {
  auto nodes = LetterNodes::choose(application, arguments);
  if (!nodes) return misused;
  nodes->list();
  if (form == LettersForm::json) {
    std::cout << to_json(*nodes) << '\n';
  } else {
    std::cout << to_text(*nodes);
    print_troubles(*nodes);
  }
  return nodes->all_tell() ? done : failed;
}

ExitCode show_dead_letter(const node::Application& application, const LetterNodeArguments& arguments,
                          const std::string& id) {
  if (!is_id(application, id)) return misused;
  auto nodes = LetterNodes::choose(application, arguments);
  if (!nodes) return misused;
  const auto found = find_or_tell(*nodes, id);
  if (!found) return failed;
  std::cout << found->document << '\n';
  return done;
}

ExitCode command_dead_letter(const node::Application& application, const LetterNodeArguments& arguments,
                             const std::string& id, LetterCommand command) {
  if (!is_id(application, id)) return misused;
  auto nodes = LetterNodes::choose(application, arguments);
  if (!nodes) return misused;
  const auto found = find_or_tell(*nodes, id);
  if (!found) return failed;
  return tell(id, LetterNodes::command(found->address, {id}, command).front(), command) ? done : failed;
}

ExitCode command_all_dead_letters(const node::Application& application, const LetterNodeArguments& arguments,
                                  LetterCommand command) {
  auto nodes = LetterNodes::choose(application, arguments);
  if (!nodes) return misused;
  nodes->list();
  std::size_t all = 0;
  std::size_t count = 0;
  for (const auto& node : nodes->all()) {
    all += node.dead_letters.size();
    count += command_all_of(node, command);
  }
  std::cout << past(command) << ' ' << count << " of " << all << " dead letters\n";
  print_troubles(*nodes);
  return count == all && nodes->all_tell() ? done : failed;
}

}  // namespace troupe::cli
