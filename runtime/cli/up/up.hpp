#pragma once

#include <string>
#include <vector>

#include <troupe/cli/exit_code.hpp>
#include <troupe/node/application.hpp>

namespace troupe::cli {

struct UpArguments {
  std::vector<std::string> topologies;  ///< a file and those that change it; none: the built-in monolith
  std::vector<std::string> only;        ///< nodes or groups; empty: all
  std::string node_logs;                ///< a folder; empty: no files
  std::string bin_dir;                  ///< a folder of programs for the nodes; empty: this one for all
  std::string log_level = "info";
};

/// `up`: every node of the topology as a child process, until a signal ends them all.
ExitCode up(const node::Application& application, const UpArguments& arguments);

}  // namespace troupe::cli
