#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/engine/engine.hpp>

namespace troupe::testing::detail {

/// Keeps what an engine reports, in words for whoever reads a failed test. Threads: a simulation's one.
class ReportCollector final : public engine::Reporter {
 public:
  void crashed(const engine::CrashReport& report) override;
  void trouble(std::string_view what) override { lines.emplace_back(what); }
  void deadlocked(const std::vector<engine::deadlock::Wait>& cycle) override {
    lines.push_back("a deadlock: " + to_text(cycle));
  }
  void supervised(const supervision::Report& report) override;
  void buried(std::string_view protocol, const DeadLetter& letter) override;

  std::vector<std::string> lines;
};

}  // namespace troupe::testing::detail
