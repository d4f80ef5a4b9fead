#include "tests/shop/shop_process.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/process/failure_log.hpp"

namespace shop::testing {
namespace {

/// In its placement, unless the test wants addresses of its own.
bool is_split(const ShopOptions& options) {
  return !options.placement.empty() && options.gateway == ShopOptions{}.gateway;
}

std::string split(const ShopOptions& options) {
  return "name = \"test\"\ndata = \"data\"\nsecret = \"" + options.secret + "\"\n\n" +
         tables_of(options.placement, troupe::testing::Ports::of_the_system) + options.settings;
}

Command start_of(const std::filesystem::path& folder, const ShopOptions& options) {
  write_text(folder / "topology.toml", is_split(options) ? split(options) : monolith(options));
  auto command =
      shop_command(folder, {is_split(options) ? "up" : "run", "--topology", "topology.toml"}, options.environment);
  if (!options.program.empty()) command.arguments.front() = options.program;
  command.mount = options.mount;
  return command;
}

/// The value of `name` in a line such as "ready node=main gateway=127.0.0.1:8080".
std::string field(const std::string& line, const std::string& name) {
  const auto start = line.find(' ' + name + '=');
  if (start == std::string::npos) return {};
  const auto value = start + name.size() + 2;
  return line.substr(value, line.find(' ', value) - value);
}

}  // namespace

Environment with_admin(Environment others) {
  others.emplace_back("SHOP_ADMIN_EMAIL", admin_email);
  others.emplace_back("SHOP_ADMIN_PASSWORD", admin_password);
  return others;
}

std::string monolith(const ShopOptions& options) {
  return "name = \"test\"\n"
         "data = \"data\"\n"
         "\n"
         "[nodes.main]\n"
         "hosts = [\"gateway\", \"user\", \"product\", \"order\", \"payment\", \"shipping\"]\n"
         "admin = \"" +
         options.admin + "\"\n\n[gateway]\nlisten = \"" + options.gateway + "\"\n\n" + options.settings;
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string shop_binary() { return TROUPE_SHOP_BINARY; }

Command shop_command(const std::filesystem::path& folder, std::vector<std::string> arguments, Environment environment) {
  Command command;
  arguments.insert(arguments.begin(), shop_binary());
  command.arguments = std::move(arguments);
  command.environment = std::move(environment);
  command.folder = folder;
  return command;
}

ShopProcess::ShopProcess(const std::filesystem::path& folder, const ShopOptions& options)
    : child_(start_of(folder, options)) {
  child_.require_line(is_split(options) ? "ready topology=" : "ready ");
  std::istringstream lines(child_.standard_output());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("ready ")) continue;
    std::string gateway = field(line, "gateway");
    if (gateway.empty()) continue;
    if (gateways_.empty()) admin_ = field(line, "admin");
    gateways_.push_back(std::move(gateway));
  }
}

ShopProcess::~ShopProcess() { troupe::process::show_log_of_failure(child_); }

std::string ShopProcess::told_by(const std::string& node, const std::string& name) const {
  std::istringstream lines(child_.standard_output());
  std::string address;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("ready ") && field(line, "node") == node) address = field(line, name);
  }
  return address;
}

Exit ShopProcess::stop() {
  child_.signal(SIGTERM);
  const auto exit = child_.wait();
  if (!exit) throw std::runtime_error("the shop does not end on SIGTERM:\n" + child_.standard_error());
  return *exit;
}

void ShopProcess::kill() {
  child_.signal(SIGKILL);
  child_.wait();
}

}  // namespace shop::testing
