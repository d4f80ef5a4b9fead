#pragma once

#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>

namespace troupe::engine {

/// For tests in which nothing may crash and nothing go wrong: whatever is reported fails them.
struct NoReports final : Reporter {
  void crashed(const CrashReport& report) override { ADD_FAILURE() << report.what; }
  void trouble(std::string_view what) override { ADD_FAILURE() << what; }
};

}  // namespace troupe::engine
