#include <troupe/storage/stored_entity.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

std::unique_ptr<Commit> entity(std::uint64_t number) {
  auto commit = put(id_key(number), 0, R"({"a":1})");
  commit->tables = {{0, "x\"y", "[2]"}, {1, "z", "null"}};
  commit->sends = {send_row(3)};
  return commit;
}

TEST(StoredEntity, IsFoundWhileItsStoreIsOpenAndAfterwards) {
  Opened store;
  run(*store, *entity(1));
  for (int closed = 0; closed < 2; ++closed) {
    const auto found = find_entity(store.file(), id_key(1));
    ASSERT_TRUE(found);
    EXPECT_EQ(entity_json(*found),
              R"("version":1,"layout":1,"state":{"a":1},)"
              R"("tables":[{"table":0,"item":"x\"y","value":[2]},{"table":1,"item":"z","value":null}],)"
              R"("sends":[{"sequence":3,"protocol":"order","target":"{u-7}/x","message":"Cancel",)"
              R"("body":{"reason":"gone"}}],"dead_letters":[])");
    EXPECT_FALSE(find_entity(store.file(), id_key(2)));
    store.close();
  }
}

TEST(StoredEntity, IsReadWithAllOthersInTheOrderOfKeys) {
  Opened store;
  for (const std::uint64_t number : {3u, 1u, 2u}) run(*store, *entity(number));
  std::vector<Key> keys;
  each_entity(store.file(), [&](const StoredEntity& each) {
    keys.push_back(each.key);
    EXPECT_EQ(each.state.rows.size(), 2u);
    EXPECT_EQ(each.sends.size(), 1u);
  });
  EXPECT_EQ(keys, (std::vector{id_key(1), id_key(2), id_key(3)}));
}

TEST(StoredEntity, SaysWhichFileCannotBeRead) {
  const TempFolder folder;
  const auto file = folder.path() / "thing.db";
  EXPECT_THAT(refusal_of([&] { find_entity(file, id_key(1)); }), ::testing::HasSubstr(file.string()));
  std::ofstream(file) << "no database at all, though there is text enough for one";
  EXPECT_THAT(refusal_of([&] { find_entity(file, id_key(1)); }), ::testing::HasSubstr(file.string()));
}

}  // namespace
}  // namespace troupe::storage::test
