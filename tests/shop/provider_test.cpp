// A shop whose payment provider's worker crashes with a charge under way.
#include <boost/json.hpp>
#include <filesystem>
#include <initializer_list>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

/// The row of the supervision tree at that path below the node.
Json row_of(const Json& status, std::initializer_list<std::string_view> path) {
  Json row = status.at("tree");
  for (const auto name : path) {
    Json found;
    for (const Json& child : row.at("children").as_array()) {
      if (text(child, "name") == name) found = child;
    }
    if (found.is_null()) return {};
    row = std::move(found);
  }
  return row;
}

TEST(PaymentProvider, ThatCrashesIsStartedAgainAndTakesTheMoneyOnce) {
  RunningShop shop({.program = TROUPE_BREAKING_SHOP});
  Session admin = shop.admin();
  User user = sign_up(shop.address());
  const auto provider = [&] {
    return row_of(Session{shop.process().admin()}.get("/status").json(), {"order", "workers", "provider"});
  };
  ASSERT_EQ(number(provider(), "restarts"), 0);
  const auto order = place(user.session, {{create_product(admin), 2}});

  write_text(shop.folder() / "break", "once");
  user.session.post("/orders/" + order + "/payment", {{"card", good_card}});
  EXPECT_FALSE(std::filesystem::exists(shop.folder() / "break"));
  EXPECT_TRUE(eventually([&] { return number(provider(), "restarts") == 1; })) << provider();
  EXPECT_TRUE(eventually([&] { return text(provider(), "state") == "running"; })) << provider();
  EXPECT_EQ(text(provider(), "last_reason"), "the line to the provider broke");

  const auto is_paid = [&] {
    if (status_of(user.session, order) == "paid") return true;
    user.session.post("/orders/" + order + "/payment", {{"card", good_card}});
    return false;
  };
  EXPECT_TRUE(eventually(is_paid));
  EXPECT_EQ(payments(admin, order), std::vector<std::string>{"charge"});
  EXPECT_EQ(shop.process().stop().code, 0);
}

}  // namespace
}  // namespace shop::testing
