#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/shop/session.hpp"

namespace shop::testing {

/// Units by product.
using Lines = std::map<std::string, std::int64_t>;

/// What the shop has answered, to be held against what it shows later: the contract's four invariants.
///
/// Threads: any.
class Ledger {
 public:
  /// Units that came into the shop by creating a product or by an answered delivery; negative: taken out.
  void put_in(const std::string& product, std::int64_t units);

  void placed(const std::string& order, const Lines& lines);
  void reached(const std::string& order, const std::string& status);
  void edited(const std::string& order, const Lines& lines);
  void perhaps_edited(const std::string& order, const Lines& lines);  ///< no answer came

  /// One of all orders; empty when there is none.
  std::string any_order(std::mt19937& random) const;

  /// Whether all that was answered is there, and the four invariants hold, by what an admin can see.
  ::testing::AssertionResult matches(Session& admin) const;

 private:
  struct Order {
    std::set<std::string> reached;
    std::vector<Lines> possible;  ///< the lines last answered, and those of later edits without an answer
  };

  ::testing::AssertionResult knows_every_order(const std::map<std::string, Json>& shown, Session& admin) const;
  ::testing::AssertionResult conserves_stock(const std::map<std::string, Json>& shown, Session& admin) const;

  mutable std::mutex mutex_;
  std::map<std::string, Order> orders_;
  std::map<std::string, std::int64_t> put_in_;
};

}  // namespace shop::testing
