#pragma once

#include <filesystem>
#include <string>

#include "tests/shop/child_process.hpp"
#include "tests/shop/shop_process.hpp"

namespace shop::testing {

/// `127.0.0.1:PORT`, of a port that nobody uses at this moment.
std::string free_address();

/// One node of a topology file as a process of its own, without `up`.
class NodeProcess {
 public:
  NodeProcess(const std::filesystem::path& folder, const std::string& file, const std::string& node,
              const std::string& program = shop_binary());

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
