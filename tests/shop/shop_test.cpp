#include "tests/shop/shop_test.hpp"

#include <cstdlib>

#include "tests/process/failure_log.hpp"

namespace shop::testing {

std::unique_ptr<RunningShop> ShopTest::shop_;
std::unique_ptr<Session> ShopTest::admin_;

RunningShop::RunningShop(ShopOptions options) : options_(std::move(options)) { start_again(); }

void RunningShop::start_again() {
  process_.reset();
  process_.emplace(folder_.path(), options_);
}

std::optional<std::string> shop_elsewhere() {
  const char* address = std::getenv("TROUPE_SHOP_ADDRESS");
  return address && *address ? std::optional<std::string>(address) : std::nullopt;
}

void ShopTest::SetUpTestSuite() {
  const auto elsewhere = shop_elsewhere();
  shop_ =
      elsewhere ? std::make_unique<RunningShop>(RunningShop::Elsewhere{}, *elsewhere) : std::make_unique<RunningShop>();
}

void ShopTest::TearDownTestSuite() {
  admin_.reset();
  if (!shop_ || !shop_->is_ours()) return shop_.reset();
  const auto exit = shop_->process().stop();
  EXPECT_EQ(exit.code, 0) << shop_->process().child().standard_error();
  shop_.reset();
}

void ShopTest::TearDown() {
  if (!shop().is_ours()) return;
  EXPECT_TRUE(shop().process().running());
  troupe::process::show_log_of_failure(shop().process().child());
}

Session& ShopTest::admin() {
  if (!admin_) admin_ = std::make_unique<Session>(shop().admin());
  return *admin_;
}

}  // namespace shop::testing
