#include "tests/cluster/node_process.hpp"

#include "tests/process/failure_log.hpp"

namespace shop::testing {

namespace {

Command command_of(const std::filesystem::path& folder, const std::string& file, const std::string& node,
                   const std::string& program) {
  Command command = shop_command(folder, {"run", "--topology", file, "--node", node, "--log-format", "text"});
  command.arguments[0] = program;
  return command;
}

}  // namespace

NodeProcess::NodeProcess(const std::filesystem::path& folder, const std::string& file, const std::string& node,
                         const std::string& program)
    : child_(command_of(folder, file, node, program)) {}

NodeProcess::~NodeProcess() { troupe::process::show_log_of_failure(child_); }

std::string NodeProcess::gateway() const {
  const std::string output = child_.standard_output();
  const auto at = output.find(" gateway=");
  if (at == std::string::npos) return {};
  const auto begin = at + std::string_view(" gateway=").size();
  return output.substr(begin, output.find_first_of(" \n", begin) - begin);
}

std::string NodeProcess::log() const {
  // The log writes values in quotes.
  std::string log = child_.standard_error();
  for (auto at = log.find("\\\""); at != std::string::npos; at = log.find("\\\"", at)) log.erase(at, 1);
  return log;
}

bool NodeProcess::says(std::string_view text) {
  return eventually([&] { return log().find(text) != std::string::npos; });
}

}  // namespace shop::testing
