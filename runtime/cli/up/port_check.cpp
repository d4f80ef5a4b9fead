#include <troupe/cli/up/port_check.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <troupe/cli/resolved.hpp>
#include <troupe/loop/clock.hpp>

namespace troupe::cli {

namespace {

constexpr std::uint16_t first_port = 20'000;
constexpr std::uint16_t port_count = 12'000;  ///< Linux hands out those from 32768 on
constexpr int attempts = 64;

/// As a node would listen; the socket, or why not.
Descriptor listen_on(const addrinfo& place, std::string& why) {
  Descriptor socket(::socket(place.ai_family, place.ai_socktype | SOCK_CLOEXEC, place.ai_protocol));
  const int yes = 1;
  // SO_REUSEADDR ignores old connections that linger, and still fails where a process listens.
  const bool listening = socket && ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                         ::bind(socket.number(), place.ai_addr, place.ai_addrlen) == 0 &&
                         ::listen(socket.number(), 1) == 0;
  if (listening) return socket;
  why = std::strerror(errno);
  return {};
}

/// Why a node can't make its socket there; a socket that nobody listens on is replaced.
std::string used_socket(const std::string& path) {
  std::error_code unreadable;
  const auto file = std::filesystem::symlink_status(path, unreadable);
  if (file.type() == std::filesystem::file_type::not_found) return {};
  if (unreadable) return unreadable.message();
  if (file.type() != std::filesystem::file_type::socket) return "there is a file that is no socket";
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  std::memcpy(place.sun_path, path.c_str(), std::min(path.size(), sizeof place.sun_path - 1));
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool somebody = ::connect(probe.number(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
  return somebody ? std::strerror(EADDRINUSE) : std::string();
}

}  // namespace

std::string PortCheck::take(const topology::Address& address) {
  if (address.is_unix()) return used_socket(address.path);
  std::string why;
  // The first that it resolves to is the one that a node takes.
  if (const auto resolved = resolve(address, why)) {
    if (auto socket = listen_on(*resolved, why)) {
      held_.push_back(std::move(socket));
      return {};
    }
  }
  return why;
}

std::uint16_t PortCheck::choose(const topology::Address& address) {
  std::string why;
  for (int i = 0; i < attempts; ++i) {
    const auto port = static_cast<std::uint16_t>(first_port + loop::system_entropy() % port_count);
    why = take({address.host, port, {}});
    if (why.empty()) return port;
  }
  throw std::runtime_error("no free port was found on " + address.host + ": " + why);
}

std::vector<std::string> busy_addresses(PortCheck& ports, const std::vector<const topology::Node*>& nodes) {
  std::vector<std::string> busy;
  const auto check = [&](const topology::Node& node, std::string_view key, const topology::Address& address) {
    if (address.leaves_port_open()) return;
    const auto why = ports.take(address);
    if (why.empty()) return;
    busy.push_back("the node " + node.name + ": " + std::string(key) + " = " + to_string(address) +
                   " cannot be used: " + why + "; stop what listens there, or write another address");
  };
  for (const auto* node : nodes) {
    if (node->gateway) check(*node, "gateway.listen", *node->gateway);
    if (node->link) check(*node, "link", node->listening(*node->link));
    check(*node, "admin", node->listening(node->admin));
  }
  return busy;
}

}  // namespace troupe::cli
