#pragma once

#include <string>
#include <vector>

#include <troupe/cli/exit_code.hpp>
#include <troupe/node/application.hpp>

namespace troupe::cli {

struct RunArguments {
  std::string program;                  ///< as it was called
  std::vector<std::string> topologies;  ///< a file and those that change it; none: the built-in monolith
  std::string node;
  std::string log_level = "info";
  std::string log_format = "auto";
};

/// `run`: one node in this process, until a signal ends it.
ExitCode run_node(const node::Application& application, const RunArguments& arguments);

}  // namespace troupe::cli
