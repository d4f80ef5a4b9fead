#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/cli/exit_code.hpp>
#include <troupe/node/application.hpp>

namespace troupe::cli {

enum class StatusFormat : std::uint8_t { text, json };

/// Which nodes `status` asks: all of a topology, or the one at an address; neither: the monolith's.
struct StatusArguments {
  std::vector<std::string> topologies;
  std::string admin;
  StatusFormat form = StatusFormat::text;
};

/// `status`: asks nodes that run for what they are and do, by their operations listeners; `failed` where one does not
/// tell.
ExitCode status(const node::Application& application, const StatusArguments& arguments);

}  // namespace troupe::cli
