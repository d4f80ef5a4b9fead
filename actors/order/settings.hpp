#pragma once

#include <chrono>

#include <troupe/wire/checker.hpp>
#include <troupe/wire/time.hpp>

namespace shop::order {

/// `[settings.order]` of a topology.
struct Settings {
  troupe::Duration unpaid_after = std::chrono::minutes(15);  ///< an order that is not paid by then expires

  static void check(troupe::Checker<Settings>& c) {
    c.field(&Settings::unpaid_after).range(std::chrono::milliseconds(100), std::chrono::hours(24 * 365));
  }
};

}  // namespace shop::order
