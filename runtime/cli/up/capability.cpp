#include <troupe/cli/up/capability.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <troupe/cli/up/child_process.hpp>
#include <troupe/loop/clock.hpp>

namespace troupe::cli {

namespace {

/// A program that takes longer to answer is not taken for one of the application's.
constexpr auto answer_patience = std::chrono::seconds(10);
constexpr std::size_t longest_list = 1024 * 1024;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw std::invalid_argument("--bin-dir: " + path + " " + why);
}

/// What the program prints before it ends.
std::string answer_of(const std::string& path, ChildProcess& child) {
  const auto limit = loop::system_clock().monotonic() + answer_patience;
  std::string answer;
  while (child.output()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - loop::system_clock().monotonic()).count();
    if (left <= 0) refuse(path, "does not tell what it hosts");
    pollfd polled{child.output().number(), POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(left)) <= 0) continue;
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(child.output().number(), bytes.data(), bytes.size());
    if (got == 0) child.output().close();
    if (got > 0) answer.append(bytes.data(), static_cast<std::size_t>(got));
    if (answer.size() > longest_list) refuse(path, "says too much for a list of what it hosts");
  }
  return answer;
}

Capability ask(const std::string& path) {
  ChildProcess child({path, {path, "hosts"}, {}});
  const std::string answer = answer_of(path, child);
  Capability capability;
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) capability.push_back(line);
  if (capability.empty()) refuse(path, "does not tell what it hosts");
  return capability;
}

bool is_program(const std::filesystem::directory_entry& entry) {
  std::error_code error;
  return entry.is_regular_file(error) && ::access(entry.path().c_str(), X_OK) == 0;
}

}  // namespace

std::string to_text(const Capability& capability) {
  std::string text;
  for (const auto& name : capability) text += name + '\n';
  return text;
}

std::vector<std::string> lacking(const topology::Node& node, const Capability& capability) {
  std::vector<std::string> names;
  const auto need = [&](const std::string& name) {
    if (std::ranges::find(capability, name) == capability.end()) names.push_back(name);
  };
  if (node.gateway) need(std::string(topology::gateway_name));
  for (const auto& protocol : node.hosts) need(protocol);
  return names;
}

std::string refusal(const topology::Node& node, const std::vector<std::string>& lacking, std::string_view program) {
  std::string names;
  for (const auto& name : lacking) names += (names.empty() ? "" : ", ") + name;
  return "the node " + node.name + " hosts " + names + ", which " + std::string(program) +
         " does not have; run it with a program that has all that the node hosts, or move that to another node";
}

std::vector<Binary> find_binaries(const std::string& folder, const std::string& name) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if ((file == name || file.starts_with(name + "-")) && is_program(entry)) paths.push_back(entry.path().string());
  }
  if (error) refuse(folder, "cannot be read: " + error.message());
  std::ranges::sort(paths);
  std::vector<Binary> binaries;
  for (const auto& path : paths) binaries.push_back({path, ask(path)});
  if (binaries.empty()) refuse(folder, "holds no program " + name + " or " + name + "-...");
  return binaries;
}

const Binary* smallest_for(const topology::Node& node, const std::vector<Binary>& binaries) {
  const Binary* smallest = nullptr;
  for (const auto& binary : binaries) {
    if (!lacking(node, binary.capability).empty()) continue;
    if (!smallest || binary.capability.size() < smallest->capability.size()) smallest = &binary;
  }
  return smallest;
}

}  // namespace troupe::cli
