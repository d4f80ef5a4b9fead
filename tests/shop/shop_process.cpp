#include "tests/shop/shop_process.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/shop/placement.hpp"

namespace shop::testing {
namespace {

/// In the placement that the suite runs in, unless the test wants addresses of its own.
Command start_of(const std::filesystem::path& folder, const ShopOptions& options) {
  const Placement placement = wanted_placement();
  const bool split = !placement.empty() && options.gateway == ShopOptions{}.gateway;
  const std::string topology = "name = \"test\"\ndata = \"data\"\n\n" + tables_of(placement) + options.settings;
  write_text(folder / "topology.toml", split ? topology : monolith(options));
  auto command = shop_command(folder, {split ? "up" : "run", "--topology", "topology.toml"}, options.environment);
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
  const bool split = child_.command_line().at(1) == "up";
  const auto last = child_.wait_for_line(split ? "ready topology=" : "ready ");
  if (!last) {
    throw std::runtime_error("the shop did not become ready:\n" + child_.standard_output() + child_.standard_error());
  }
  std::istringstream lines(child_.standard_output());
  for (std::string line; gateway_.empty() && std::getline(lines, line);) {
    if (!line.starts_with("ready ")) continue;
    gateway_ = field(line, "gateway");
    admin_ = field(line, "admin");
  }
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
