// The shop as real processes: what they show and keep is what one process in simulation does.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include <troupe/testing/durable_state.hpp>
#include <troupe/testing/equivalence.hpp>
#include "tests/placement/process_client.hpp"
#include "tests/placement/shop_suite.hpp"
#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

using troupe::testing::Equivalence;
using troupe::testing::Names;

std::string difference_in(const std::string& placement, Equivalence& suite, const std::string& settings) {
  const TemporaryFolder folder;
  ShopOptions options;
  options.placement = parse_placement(placement);
  options.settings = settings;
  ShopProcess shop(folder.path(), options);
  ProcessClient client(shop.gateways());
  auto found = suite.difference_on(client, "in real processes, '" + placement + '\'', [&folder](Names& names) {
    return troupe::testing::read_durable_state(folder.path() / "data", names);
  });
  if (!shop.running() || shop.stop().code != 0) found += "\nthe shop ended badly:\n" + shop.child().standard_error();
  return found;
}

class ShopInProcesses : public ::testing::TestWithParam<const char*> {};

TEST_P(ShopInProcesses, IsTheSameAsInOne) {
  const auto application = shop_application();
  Equivalence shop(application, shop_scenarios(), suite_options());
  EXPECT_EQ(difference_in(GetParam(), shop, {}), "");
  Equivalence timed(application, timed_scenarios(), suite_options(timed_settings));
  EXPECT_EQ(difference_in(GetParam(), timed, timed_settings), "");
}

#ifdef TROUPE_SANITIZED
INSTANTIATE_TEST_SUITE_P(Everywhere, ShopInProcesses, ::testing::Values("gateway | user | product | order"));
#else
INSTANTIATE_TEST_SUITE_P(Everywhere, ShopInProcesses,
                         ::testing::Values("gateway user product order", "gateway | user product order",
                                           "gateway | user product | order", "gateway | user order | product",
                                           "gateway | user | product order", "gateway | user | product | order",
                                           "gateway user product | order*3", "gateway*2 | user product order"));
#endif

}  // namespace
}  // namespace shop::testing
