#include "tests/process/node_processes.hpp"

#include <fstream>

namespace troupe::process {
namespace {

/// The argument after `--node` of a process.
std::string node_of(pid_t process) {
  std::ifstream arguments("/proc/" + std::to_string(process) + "/cmdline", std::ios::binary);
  bool next = false;
  for (std::string argument; std::getline(arguments, argument, '\0');) {
    if (next) return argument;
    next = argument == "--node";
  }
  return {};
}

}  // namespace

std::map<std::string, pid_t> nodes_below(pid_t up) {
  const std::string parent = std::to_string(up);
  std::ifstream children("/proc/" + parent + "/task/" + parent + "/children");
  std::map<std::string, pid_t> nodes;
  for (pid_t child = 0; children >> child;) {
    if (const std::string name = node_of(child); !name.empty()) nodes[name] = child;
  }
  return nodes;
}

}  // namespace troupe::process
