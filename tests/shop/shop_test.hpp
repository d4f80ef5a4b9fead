#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/shop/answers.hpp"
#include "tests/shop/session.hpp"
#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {

/// A shop in a folder of its own, which outlives its process.
class RunningShop {
 public:
  explicit RunningShop(ShopOptions options = {});

  ShopProcess& process() { return *process_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  ShopOptions& options() { return options_; }

  const std::string& address() const { return process_->gateway(); }
  Session anyone() const { return Session{address()}; }
  Session admin() const { return sign_in(address(), admin_email, admin_password); }

  /// A new process on the same data, after `stop` or `kill` of the last one.
  void start_again();

 private:
  TemporaryFolder folder_;
  ShopOptions options_;
  std::optional<ShopProcess> process_;
};

/// Tests that share one running shop. After each, it must still run; at the end, stop in order.
class ShopTest : public ::testing::Test {
 public:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

 protected:
  void TearDown() override;

  static RunningShop& shop() { return *shop_; }
  static Session anyone() { return shop().anyone(); }
  static Session& admin();
  static User customer() { return sign_up(shop().address()); }

 private:
  static std::unique_ptr<RunningShop> shop_;
  static std::unique_ptr<Session> admin_;
};

}  // namespace shop::testing
