#include <algorithm>
#include <boost/json.hpp>
#include <fstream>

#include "tests/crash/ledger.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

/// A shop whose data lies on a small disk in memory, which a test can fill up and empty again.
class DiskFull : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!private_mounts_possible()) GTEST_SKIP() << "this user may not mount a small disk";
    std::filesystem::create_directory(folder_.path() / "data");
    ShopOptions options;
    options.mount = Mount{Mount::Kind::memory, folder_.path() / "data", "size=24m"};
    shop_.emplace(folder_.path(), options);
    admin_.emplace(sign_in(shop_->gateway(), admin_email, admin_password));
  }

  /// The child's mount is seen from outside through the process that has it.
  std::filesystem::path ballast() {
    const auto root = "/proc/" + std::to_string(shop_->child().pid()) + "/root";
    return root + (folder_.path() / "data/ballast").string();
  }

  void fill_disk() {
    std::ofstream file{ballast(), std::ios::binary};
    const std::string block(4096, 'b');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
    ASSERT_GT(std::filesystem::file_size(ballast()), 0U) << "the test did not reach the disk";
  }

  void empty_disk() { std::filesystem::remove(ballast()); }

  /// Creates products until one is refused, which must be as the contract says. Returns the names that were answered.
  std::vector<std::string> create_until_refused() {
    constexpr int limit = 20'000;
    std::vector<std::string> created;
    for (int i = 0; i < limit; ++i) {
      const auto name = "Full " + std::to_string(i);
      const auto answer = admin_->post(
          "/products", {{"name", name}, {"description", std::string(10'000, 'd')}, {"price", money(1)}, {"stock", 1}});
      if (answer.status != 201) {
        EXPECT_TRUE(is_problem(answer, 503, "unavailable"));
        return created;
      }
      created.push_back(name);
    }
    ADD_FAILURE() << "the disk never became full";
    return created;
  }

  TemporaryFolder folder_;
  std::optional<ShopProcess> shop_;
  std::optional<Session> admin_;
};

TEST_F(DiskFull, RefusesWhatItCannotStoreAndResumes) {
  const auto product = create_product(*admin_, {.name = "Before", .stock = 10});
  fill_disk();
  auto created = create_until_refused();
  Session reader{shop_->gateway()};
  EXPECT_TRUE(has_status(reader.get("/products/" + product), 200)) << "what is stored can still be read";
  std::ranges::reverse(created);
  EXPECT_EQ(pluck(list(reader, "/products?q=full"), "name"), created) << "all that was answered, and nothing else";

  empty_disk();
  EXPECT_TRUE(eventually([&] { return admin_->post("/products", body_of({.name = "After"})).status == 201; }))
      << "service resumes when space returns";
  EXPECT_EQ(pluck(list(reader, "/products?q=full"), "name"), created) << "what was refused does not appear later";
  EXPECT_TRUE(shop_->running());
  EXPECT_EQ(shop_->stop().code, 0) << shop_->child().standard_error();
  const auto log = shop_->child().standard_error();
  const auto refused = log.find("the storage takes no commits\"");
  ASSERT_NE(refused, std::string::npos) << log;
  EXPECT_NE(log.find("the storage takes commits again", refused), std::string::npos) << log;
}

TEST_F(DiskFull, LeavesNoOrderHalfDone) {
  Ledger ledger;
  const auto product = create_product(*admin_, {.stock = 1'000});
  ledger.put_in(product, 1'000);
  auto user = sign_up(shop_->gateway());
  const auto early = place(user.session, {{product, 1}});
  ledger.placed(early, {{product, 1}});
  fill_disk();
  for (const auto& name : create_until_refused()) EXPECT_FALSE(name.empty());

  constexpr int attempts = 200;
  for (int i = 0; i < attempts; ++i) {
    const auto placed = user.session.post("/orders", order_of({{product, 2}}));
    EXPECT_TRUE(placed.status == 201 || is_problem(placed, 503, "unavailable") || placed.status == 504)
        << describe(placed);
    if (placed.status == 201) ledger.placed(text(placed.json(), "id"), {{product, 2}});
    const auto delivered = admin_->post("/products/" + product + "/stock", {{"delta", 1}});
    EXPECT_TRUE(delivered.status == 200 || is_problem(delivered, 503, "unavailable")) << describe(delivered);
    if (delivered.status == 200) ledger.put_in(product, 1);
  }
  const auto payment = user.session.post("/orders/" + early + "/payment", {{"card", good_card}});
  EXPECT_TRUE(payment.status == 200 || payment.status == 503 || payment.status == 504) << describe(payment);

  empty_disk();
  EXPECT_TRUE(eventually([&] { return user.session.remove("/orders/" + early).status == 204; }));
  ledger.reached(early, "cancelled");
  auto result = ::testing::AssertionFailure() << "never looked";
  EXPECT_TRUE(eventually([&] { return static_cast<bool>(result = ledger.matches(*admin_)); })) << result.message();
  EXPECT_EQ(shop_->stop().code, 0) << shop_->child().standard_error();
}

}  // namespace
}  // namespace shop::testing
