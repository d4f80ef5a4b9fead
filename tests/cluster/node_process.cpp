#include "tests/cluster/node_process.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace shop::testing {

namespace {

Command command_of(const std::filesystem::path& folder, const std::string& file, const std::string& node,
                   const std::string& program) {
  Command command = shop_command(folder, {"run", "--topology", file, "--node", node, "--log-format", "text"});
  command.arguments[0] = program;
  return command;
}

}  // namespace

std::string free_address() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(socket, reinterpret_cast<const sockaddr*>(&address), length);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(socket);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

NodeProcess::NodeProcess(const std::filesystem::path& folder, const std::string& file, const std::string& node,
                         const std::string& program)
    : child_(command_of(folder, file, node, program)) {}

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
