#pragma once

#include <optional>
#include <string>
#include <vector>

#include <troupe/observe/health.hpp>

namespace troupe::cli {

/// What one node tells of itself, or why nothing is known of it.
struct NodeReport {
  std::string node;   ///< empty: nobody knows its name
  std::string admin;  ///< where it was asked
  std::optional<std::string> trouble;
  std::optional<observe::Status> status;  ///< none where there is trouble
};

/// What is known of the nodes that were asked; in JSON as it is here.
struct StatusReport {
  std::vector<NodeReport> nodes;
};

/// As tables: nodes, protocols, loops, links and breakers. Tables without a row are left out.
std::string to_text(const StatusReport& report);

}  // namespace troupe::cli
