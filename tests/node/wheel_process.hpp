#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/testing/temporary_folder.hpp>
#include "tests/process/child_process.hpp"

namespace troupe::node {

/// One node of the program `wheel_node` as a process.
class AWheelNode : public ::testing::Test {
 protected:
  /// `more` are tables of its topology, `keys` those of its node besides `hosts`.
  process::ChildProcess& start(const std::string& more, const std::string& keys = "admin = \"127.0.0.1:0\"\n",
                               std::vector<std::pair<std::string, std::string>> environment = {}) {
    std::ofstream(folder_.path() / "topology.toml")
        << "name = \"wheels\"\n[nodes.main]\nhosts = [\"gateway\", \"wheel\"]\n"
        << keys << "[gateway]\nlisten = \"127.0.0.1:0\"\n"
        << more;
    process::Command program;
    program.arguments = {WHEEL_NODE, "run", "--topology", "topology.toml", "--log-format", "text"};
    program.environment = std::move(environment);
    program.folder = folder_.path();
    return node_.emplace(program);
  }
  /// What the ready line of a node says.
  static std::string address(const std::string& ready, const std::string& name) {
    const auto at = ready.find(name + '=') + name.size() + 1;
    return ready.substr(at, ready.find_first_of(" \n", at) - at);
  }

  testing::TemporaryFolder folder_;

 private:
  std::optional<process::ChildProcess> node_;
};

}  // namespace troupe::node
