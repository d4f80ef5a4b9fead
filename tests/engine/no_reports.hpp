#pragma once

#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>

namespace troupe::engine {

/// For tests in which nothing may crash and nothing go wrong: whatever is reported fails them.
struct NoReports final : Reporter {
  void crashed(std::string_view, const Key&, std::string_view, std::string_view what, std::string_view) override {
    ADD_FAILURE() << what;
  }
  void trouble(std::string_view what) override { ADD_FAILURE() << what; }
};

}  // namespace troupe::engine
