#include <gtest/gtest.h>

#include <troupe/testing/entity_test.hpp>
#include "actors/points/points.hpp"

namespace shop::points {

TEST(Points, NeverFallBelowZero) {
  troupe::testing::EntityTest<Points> points;
  EXPECT_EQ(points.ask<Grant>(5)->points, 5);
  EXPECT_TRUE(points.ask<Grant>(-6).rejected("conflict"));
}

TEST(Points, AreShownToTheirUserOnly) {
  troupe::testing::World world;
  world.add<Declaration>().start();
  const std::string path = "/users/" + to_text(troupe::Uuid{1, 1}) + "/points";
  EXPECT_EQ(world.http("GET", path, {world.token({1, 1}, "customer")}).body, R"({"points":0})");
  EXPECT_EQ(world.http("GET", path, {world.token({1, 2}, "customer")}).status, 403);
}

}  // namespace shop::points
