#include <troupe/topology/loader.hpp>

#include "tests/topology/shop_catalog.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace troupe::topology {
namespace {

const std::filesystem::path shipped = std::filesystem::path(TROUPE_SOURCE_DIR) / "topology";

TEST(ShippedTopologies, MonolithIsTheBuiltInDefault) {
  const auto loaded = load(shipped / "monolith.toml", shop_catalog(), environment());
  ASSERT_TRUE(loaded) << to_string(loaded.faults.at(0));
  EXPECT_EQ(*loaded.value, monolith(shop_catalog()));
}

TEST(ShippedTopologies, SplitAsTheirNamesSay) {
  const auto nodes_of = [](const char* file) {
    std::string names;
    const auto loaded = load(shipped / file, shop_catalog(), environment());
    if (!loaded) return to_string(loaded.faults.at(0));
    for (const Node& node : loaded.value->nodes) names += (names.empty() ? "" : " ") + node.name;
    return names;
  };
  EXPECT_EQ(nodes_of("monolith.toml"), "main");
  EXPECT_EQ(nodes_of("two-nodes.toml"), "edge shop");
  EXPECT_EQ(nodes_of("three-nodes.toml"), "edge catalog orders");
  EXPECT_EQ(nodes_of("orders-scaled.toml"), "edge catalog orders-0 orders-1 orders-2");
  EXPECT_EQ(nodes_of("all-split.toml"), "edge users products orders");
}

TEST(ShippedTopologies, AreAllValid) {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(shipped)) {
    if (file.path().extension() != ".toml") continue;
    ++count;
    const auto loaded = load(file.path(), shop_catalog(), environment());
    for (const TopologyFault& fault : loaded.faults) ADD_FAILURE() << to_string(fault);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded.value->name, file.path().stem());
    EXPECT_EQ(loaded.value->file, file.path().string());
  }
  EXPECT_EQ(count, 5);
}

}  // namespace
}  // namespace troupe::topology
