#pragma once

#include <string>
#include <vector>

#include <troupe/node/application.hpp>
#include <troupe/testing/equivalence.hpp>

/// What clients do to the shop, to be the same wherever its domains run.
namespace shop::testing {

/// The shop, as its program puts it together.
troupe::node::Application shop_application();

/// Scenarios that take no time of their own: ordering, refusals, conflicts, keys, pages, many at once, leaving.
std::vector<troupe::testing::Scenario> shop_scenarios();

/// Scenarios of what happens by itself, for a shop whose orders expire after `unpaid_after` of these settings.
std::vector<troupe::testing::Scenario> timed_scenarios();
inline constexpr const char* timed_settings = "[settings.order]\nunpaid_after = \"3s\"\n";

/// Of a suite on the shop: its first administrator, and what is not compared.
troupe::testing::EquivalenceOptions suite_options(std::string settings = {});

}  // namespace shop::testing
