#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <string_view>

#include "tests/process/child_process.hpp"

namespace troupe::process {

/// Shows the end of what a process told on standard error, once the current test has failed: the process is about to
/// go, and its log with it.
inline void show_log_of_failure(const ChildProcess& child) {
  if (!::testing::Test::HasFailure()) return;
  constexpr std::size_t enough = 16 * 1024;
  const std::string log = child.standard_error();
  std::cerr << "process " << child.pid() << " told:\n" << log.substr(log.size() - std::min(log.size(), enough)) << '\n';
}

}  // namespace troupe::process
