#include <gtest/gtest.h>

#include <troupe/testing/equivalence.hpp>
#include "actors/product/declaration.hpp"
#include "actors/wishlist/declaration.hpp"

namespace shop::wishlist {
namespace {

using troupe::testing::Equivalence;
using troupe::testing::ScenarioDriver;
using troupe::testing::seeds;

std::string wish_for(ProductId product) { return R"({"product_id":")" + to_text(product) + R"(","note":"soon"})"; }

void adds_lists_and_removes(ScenarioDriver& driver) {
  const auto admin = driver.token({1, 1}, "admin");
  const auto ada = driver.token({1, 2}, "customer");
  const std::string body = R"({"name":"Lamp","price":{"amount":1999,"currency":"USD"},"stock":3})";
  const auto lamp = driver.post("/products", body, {admin}).as<product::View>();
  const auto added = driver.post("/wishes", wish_for(lamp.id), {ada});
  driver.post("/wishes", wish_for(ProductId{{9, 9}}), {ada});
  driver.together({{"POST", "/wishes", wish_for(lamp.id), {ada}}, {"POST", "/wishes", wish_for(lamp.id), {ada}}});
  driver.get("/wishes?limit=2", {admin});
  driver.get("/wishes?limit=2&sort=product", {admin});
  driver.remove(added.header("Location"), {ada});
  driver.get("/wishes", {ada});
}

TEST(WishesInAnyPlacement, AreTheSame) {
  troupe::node::Application application("wishes", "test");
  application.add<product::Declaration>().add<Declaration>();
  Equivalence wishes(application, {{"adds, lists and removes", &adds_lists_and_removes}});
  EXPECT_EQ(wishes.differences(seeds(2)), "");
}

}  // namespace
}  // namespace shop::wishlist
