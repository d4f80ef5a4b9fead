#pragma once

#include <troupe/node/application.hpp>

namespace troupe::cli {

/// The command line that every application binary gets: `run`, `up`, `check`, `schema`, `data`, `--help`, `--version`.
///
/// Exit codes: 0 done, 1 failed while running, 2 usage or invalid topology.
int run(const node::Application& application, int argc, char** argv);

}  // namespace troupe::cli
