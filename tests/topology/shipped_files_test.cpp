#include "runtime/topology/loader.hpp"

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
  EXPECT_GE(count, 2);
}

}  // namespace
}  // namespace troupe::topology
