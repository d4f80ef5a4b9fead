#pragma once

#include <string>

#include "runtime/cli/exit_code.hpp"
#include "runtime/node/application.hpp"

namespace troupe::cli {

struct RunArguments {
  std::string topology;
  std::string node;
  std::string log_level = "info";
  std::string log_format = "auto";
};

/// `run`: one node in this process, until a signal ends it.
ExitCode run_node(const node::Application& application, const RunArguments& arguments);

}  // namespace troupe::cli
