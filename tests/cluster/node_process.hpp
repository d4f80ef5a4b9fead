#pragma once

#include <filesystem>
#include <string>

#include "tests/process/reserved_port.hpp"
#include "tests/shop/shop_process.hpp"

namespace shop::testing {

using troupe::process::reserve_address;

/// One node of a topology file as a process of its own, without `up`.
class NodeProcess {
 public:
  NodeProcess(const std::filesystem::path& folder, const std::string& file, const std::string& node,
              const std::string& program = shop_binary());

  /// Shows its log where the test has failed.
  ~NodeProcess();

  ChildProcess& child() { return child_; }
  /// Waits for it; false: it ended before, or takes too long.
  bool ready() { return child_.wait_for_line("ready ").has_value(); }
  /// Where it serves HTTP. When ready.
  std::string gateway() const;
  /// Waits until its log says so.
  bool says(std::string_view text);
  std::string log() const;

 private:
  ChildProcess child_;
};

}  // namespace shop::testing
