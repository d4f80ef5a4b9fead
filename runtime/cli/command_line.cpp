#include <troupe/cli/command_line.hpp>

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string>

#include <troupe/cli/data_commands.hpp>
#include <troupe/cli/dead_letters/commands.hpp>
#include <troupe/cli/exit_code.hpp>
#include <troupe/cli/load_topology.hpp>
#include <troupe/cli/run_node.hpp>
#include <troupe/cli/schema.hpp>
#include <troupe/cli/status/health.hpp>
#include <troupe/cli/status/status.hpp>
#include <troupe/cli/up/capability.hpp>
#include <troupe/cli/up/up.hpp>
#include <troupe/loop/clock.hpp>
#include <troupe/node/supervision_tree.hpp>
#include <troupe/topology/plan.hpp>
#include <troupe/wire/bytes.hpp>

namespace troupe::cli {

namespace {

constexpr std::size_t secret_bytes = 32;

enum class PlanForm { text, json, tree };

ExitCode check(const node::Application& application, const std::vector<std::string>& files, PlanForm form) {
  const auto topology = load_topology(application, files);
  if (!topology || !can_run(*topology)) return misused;
  const auto catalog = application.catalog();
  if (form == PlanForm::tree) {
    for (const auto& node : topology->nodes) std::cout << node::print_tree(catalog, *topology, node);
    return done;
  }
  const auto plan = topology::make_plan(*topology, catalog);
  std::cout << (form == PlanForm::json ? to_json(plan) + "\n" : to_text(plan));
  return done;
}

void add_log_level(CLI::App& command, std::string& level) {
  command.add_option("--log-level", level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
}

CLI::Option* add_topology(CLI::App& command, std::vector<std::string>& files) {
  auto* option = command.add_option("--topology", files, "the topology file; further ones change it key by key");
  return option->type_name("F")->allow_extra_args(false);
}

CLI::App* add_run(CLI::App& app, RunArguments& arguments) {
  auto* command = app.add_subcommand("run", "runs one node in this process; without a topology, the monolith");
  add_topology(*command, arguments.topologies);
  command->add_option("--node", arguments.node, "which of its nodes; may be left out where it has one")
      ->type_name("NAME");
  add_log_level(*command, arguments.log_level);
  command->add_option("--log-format", arguments.log_format, "auto, text, coloured or json; auto: json but on terminals")
      ->check(CLI::IsMember({"auto", "text", "coloured", "json"}))
      ->capture_default_str();
  return command;
}

CLI::App* add_up(CLI::App& app, UpArguments& arguments) {
  auto* command = app.add_subcommand("up", "runs every node of a topology as a process here, until Ctrl-C");
  auto* option = add_topology(*command, arguments.topologies);
  command->add_option("F", arguments.topologies, "the same")->excludes(option);
  command->add_option("--only", arguments.only, "these nodes or groups only")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->delimiter(',');
  command->add_option("--node-logs", arguments.node_logs, "keeps each node's log as a file in this folder, too")
      ->type_name("DIR");
  command->add_option("--bin-dir", arguments.bin_dir, "runs each node with the smallest program here that can host it")
      ->type_name("DIR");
  add_log_level(*command, arguments.log_level);
  return command;
}

CLI::App* add_status(CLI::App& app, StatusArguments& arguments) {
  auto* command =
      app.add_subcommand("status", "asks nodes that run what they are and do; without a topology, one node");
  auto* option = add_topology(*command, arguments.topologies);
  auto* files = command->add_option("F", arguments.topologies, "the same");
  files->excludes(option);
  command->add_option("--admin", arguments.admin, "asks the node at this address (127.0.0.1:9101)")
      ->type_name("ADDR")
      ->excludes(option)
      ->excludes(files);
  command->add_flag_callback("--json", [&arguments] { arguments.form = StatusFormat::json; }, "as a JSON document");
  return command;
}

CLI::App* add_health(CLI::App& app, std::string& admin) {
  auto* command = app.add_subcommand("health", "asks a node that runs whether it is ready; ends with 1 if not");
  command->add_option("--admin", admin, "the node at this address (127.0.0.1:9101)")->type_name("ADDR");
  return command;
}

struct DataArguments {
  std::vector<std::string> from;
  std::vector<std::string> to;
  std::vector<std::string> topologies;
  std::string entity;
  bool abandon = false;
  CLI::App* command = nullptr;
  CLI::App* move = nullptr;
  CLI::App* get = nullptr;
};

void add_data(CLI::App& app, DataArguments& arguments) {
  auto* command = arguments.command =
      app.add_subcommand("data", "what the nodes keep: moves it to another topology, shows it");
  command->require_subcommand(1);
  arguments.move = command->add_subcommand("move", "carries the data of one topology over to another; none may run");
  arguments.move->add_option("--from", arguments.from, "the topology that the data was written with")
      ->type_name("F")
      ->allow_extra_args(false)
      ->required();
  arguments.move->add_option("--to", arguments.to, "the topology to run from now on")
      ->type_name("F")
      ->allow_extra_args(false)
      ->required();
  arguments.move->add_flag(
      "--abandon", arguments.abandon,
      "takes back what an interrupted move has copied, unless it has begun to clear the old places");
  arguments.get = command->add_subcommand("get", "prints one entity, also while its node runs");
  arguments.get->add_option("ENTITY", arguments.entity, "PROTOCOL/KEY, such as order/01m7y867qz...")->required();
  add_topology(*arguments.get, arguments.topologies);
}

struct LettersArguments {
  LetterNodeArguments nodes;
  std::string id;
  bool all = false;
  bool sure = false;
  bool as_json = false;
  CLI::App* command = nullptr;
  CLI::App* list = nullptr;
  CLI::App* show = nullptr;
  CLI::App* retry = nullptr;
  CLI::App* drop = nullptr;
};

CLI::App* add_letters_command(LettersArguments& arguments, const std::string& name, const std::string& text) {
  auto* command = arguments.command->add_subcommand(name, text);
  auto* topology = add_topology(*command, arguments.nodes.topologies);
  command->add_option("--admin", arguments.nodes.admins, "asks the nodes at these addresses (127.0.0.1:9101)")
      ->type_name("ADDR")
      ->allow_extra_args(false)
      ->excludes(topology);
  return command;
}

void add_letter_id(CLI::App& command, std::string& id) {
  command.add_option("ID", id, "which one, as it is listed: PROTOCOL/OPERATION");
}

void add_dead_letters(CLI::App& app, LettersArguments& arguments) {
  arguments.command =
      app.add_subcommand("dead-letters", "sends that crashed their receiver too often, of nodes that run");
  arguments.command->require_subcommand(1);
  arguments.list = add_letters_command(arguments, "list", "prints those of every node of a topology, or of one node");
  arguments.list->add_flag("--json", arguments.as_json, "as a JSON document");
  arguments.show = add_letters_command(arguments, "show", "prints one whole, as a JSON document");
  add_letter_id(*arguments.show, arguments.id);
  arguments.show->get_option("ID")->required();
  arguments.retry = add_letters_command(arguments, "retry", "has one delivered again, or all; not after 30 days");
  arguments.drop = add_letters_command(arguments, "drop", "loses one for good, or all");
  for (auto* command : {arguments.retry, arguments.drop}) {
    add_letter_id(*command, arguments.id);
    command->add_flag("--all", arguments.all, "every one that there is")->excludes(command->get_option("ID"));
  }
  arguments.drop->add_flag("--yes", arguments.sure, "said with --all: they are lost for good");
}

ExitCode dead_letters(const node::Application& application, const LettersArguments& arguments) {
  if (arguments.list->parsed()) {
    return list_dead_letters(application, arguments.nodes, arguments.as_json ? LettersForm::json : LettersForm::text);
  }
  if (arguments.show->parsed()) return show_dead_letter(application, arguments.nodes, arguments.id);
  const auto command = arguments.retry->parsed() ? LetterCommand::retry : LetterCommand::drop;
  if (!arguments.all && arguments.id.empty()) {
    std::cerr << "name a dead letter, or say --all\n";
    return misused;
  }
  if (!arguments.all) return command_dead_letter(application, arguments.nodes, arguments.id, command);
  if (command == LetterCommand::drop && !arguments.sure) {
    std::cerr << "`drop --all` loses every dead letter for good: say --yes as well\n";
    return misused;
  }
  return command_all_dead_letters(application, arguments.nodes, command);
}

}  // namespace

int run(const node::Application& application, int argc, char** argv) {
  // What any command makes, down to logs and sockets, is its user's alone.
  ::umask(S_IRWXG | S_IRWXO);
  CLI::App app(application.name() + ": domains as actors, in one process or many", application.name());
  app.set_version_flag("--version", application.name() + ' ' + application.version());
  app.require_subcommand(1);

  RunArguments run_arguments;
  run_arguments.program = std::filesystem::path(argv[0]).filename().string();
  const auto* run_command = add_run(app, run_arguments);
  UpArguments up_arguments;
  const auto* up_command = add_up(app, up_arguments);
  StatusArguments status_arguments;
  const auto* status_command = add_status(app, status_arguments);
  std::string health_admin;
  const auto* health_command = add_health(app, health_admin);
  std::vector<std::string> files;
  bool as_json = false;
  auto* check_command = app.add_subcommand("check", "validates a topology file and prints what it comes to");
  check_command->add_option("F", files, "the topology file; further ones change it key by key")->required();
  auto* json_flag = check_command->add_flag("--json", as_json, "as a JSON document");
  bool as_tree = false;
  check_command->add_flag("--tree", as_tree, "the supervision tree of each node instead")->excludes(json_flag);
  std::string against;
  auto* schema_command = app.add_subcommand("schema", "prints the protocols as a JSON document");
  schema_command->add_option("--against", against, "an older one: tells what changed; ends with 1 if that breaks peers")
      ->type_name("FILE");

  DataArguments data;
  add_data(app, data);
  LettersArguments letters;
  add_dead_letters(app, letters);
  const auto* secret_command =
      app.add_subcommand("secret", "prints a new secret, for `secret` of a topology or for a key of tokens");
  const auto* hosts_command = app.add_subcommand("hosts", "prints what nodes of this program can host, a name a line");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    // The parser misses a subcommand before it looks at what stands in its place.
    const auto chosen = app.get_subcommands();
    const bool missed = chosen.empty() || ((chosen.front() == data.command || chosen.front() == letters.command) &&
                                           chosen.front()->get_subcommands().empty());
    const auto strangers = missed ? app.remaining(true) : std::vector<std::string>{};
    if (!strangers.empty()) std::cerr << "there is no subcommand '" << strangers.front() << "'\n";
    return app.exit(e) == 0 ? done : misused;
  }
  if (run_command->parsed()) return run_node(application, run_arguments);
  if (up_command->parsed()) return up(application, up_arguments);
  if (status_command->parsed()) return status(application, status_arguments);
  if (health_command->parsed()) return health(health_admin);
  if (data.move->parsed()) {
    const auto goal = data.abandon ? storage::MoveGoal::abandon : storage::MoveGoal::finish;
    return move_data(application, data.from, data.to, goal);
  }
  if (data.get->parsed()) return get_entity(application, data.topologies, data.entity);
  if (letters.command->parsed()) return dead_letters(application, letters);
  if (schema_command->parsed()) return schema(application, against);
  if (secret_command->parsed()) {
    std::cout << to_base64url(loop::system_secret(secret_bytes)) << '\n';
    return done;
  }
  if (hosts_command->parsed()) {
    std::cout << to_text(application.hostable());
    return done;
  }
  return check(application, files, as_json ? PlanForm::json : as_tree ? PlanForm::tree : PlanForm::text);
}

}  // namespace troupe::cli
