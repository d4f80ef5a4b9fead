#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/shop/answers.hpp"
#include "tests/shop/session.hpp"
#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {

/// The gateway of a shop that runs already, such as one in containers, where TROUPE_SHOP_ADDRESS names it
/// (`127.0.0.1:8080`): tests that share a shop then share that one. Its first administrator must be `admin_email` with
/// `admin_password`. Tests that start, end or set up a shop of their own start one here all the same.
std::optional<std::string> shop_elsewhere();

/// A shop in a folder of its own, which outlives its process.
class RunningShop {
 public:
  explicit RunningShop(ShopOptions options = {});
  /// Nothing but the address of one that somebody else has started.
  struct Elsewhere {};
  RunningShop(Elsewhere, std::string address) : elsewhere_(std::move(address)) {}

  /// Whether it is a process of this test's, whose folder and output can be looked at.
  bool is_ours() const { return process_.has_value(); }

  ShopProcess& process() { return *process_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  ShopOptions& options() { return options_; }

  const std::string& address() const { return process_ ? process_->gateway() : elsewhere_; }
  Session anyone() const { return Session{address()}; }
  Session admin() const { return sign_in(address(), admin_email, admin_password); }

  /// A new process on the same data, after `stop` or `kill` of the last one.
  void start_again();

 private:
  TemporaryFolder folder_;
  ShopOptions options_;
  std::optional<ShopProcess> process_;
  std::string elsewhere_;
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
