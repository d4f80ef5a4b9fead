#include <troupe/storage/misplaced.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include <troupe/storage/data_move.hpp>
#include <troupe/storage/file_owner.hpp>
#include "tests/storage/placed_data.hpp"

namespace troupe::storage::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Shards, AreWrittenAsRanges) {
  for (const auto& [shards, text] : std::vector<std::pair<Shards, std::string>>{
           {{}, ""}, {{0}, "0"}, {{0, 1, 2, 5}, "0-2,5"}, {{3, 7, 8}, "3,7-8"}}) {
    EXPECT_EQ(to_text(shards), text);
    EXPECT_EQ(parse_shards(text), shards);
  }
  for (const char* text : {"-", "1-", "2-1", "1,1", "x", "1,", ",1", "1 2", "4294967295", "0-99999999"}) {
    EXPECT_EQ(parse_shards(text), std::nullopt) << text;
  }
}

class Misplaced : public ::testing::Test {
 protected:
  Layout layout(const std::string& name, const std::vector<HostedProtocol>& protocols) const {
    return layout_of(name, folder_.path(), protocols);
  }

  static std::string reasons(const Layout& layout, const std::string& node) {
    const auto& node_layout = *layout.find(node);
    std::string text;
    for (const auto& reason :
         find_misplaced(layout, node_layout, peek_record(node_layout.folder).value_or(NodeRecord{}), "shop")) {
      text += reason + '\n';
    }
    return text;
  }

  TempFolder folder_;
};

TEST_F(Misplaced, IsNothingOnTheSameTopology) {
  const auto same = layout("shop", {{"thing", {"a", "b"}}});
  write_things(same, "thing", 20);
  EXPECT_EQ(reasons(same, "a") + reasons(same, "b"), "");
}

TEST_F(Misplaced, IsADatabaseOfAnotherNodeWhereverItLies) {
  const auto outside = folder_.path() / "disk" / "thing.db";
  std::filesystem::create_directory(outside.parent_path());
  auto first = layout_of("shop", folder_.path() / "one", {{"thing", {"a"}}});
  first.nodes[0].databases[0].file = outside;
  write_things(first, "thing", 20);
  EXPECT_EQ(reasons(first, "a"), "");
  auto other = layout_of("stall", folder_.path() / "two", {{"thing", {"b"}}, {"more", {"b"}}});
  for (auto& database : other.nodes[0].databases) database.file = outside;
  EXPECT_THAT(reasons(other, "b"),
              AllOf(HasSubstr(outside.string() + " holds the rows of thing of node a of topology shop"),
                    HasSubstr("this is thing of node b of topology stall"), HasSubstr("this is more of node b"),
                    HasSubstr("name another file in [storage]"), HasSubstr("--to stall.toml")));
}

TEST_F(Misplaced, IsNotAFileWhoseOwnerAMoveHasChanged) {
  auto first = layout_of("shop", folder_.path() / "one", {{"thing", {"a"}}});
  auto other = layout_of("stall", folder_.path() / "two", {{"thing", {"b"}}});
  const auto outside = folder_.path() / "disk" / "thing.db";
  std::filesystem::create_directory(outside.parent_path());
  for (auto* layout : {&first, &other}) layout->nodes[0].databases[0].file = outside;
  write_things(first, "thing", 20);
  DataMove move(first, other, "shop");
  while (move.step()) {
  }
  EXPECT_EQ(reasons(other, "b"), "");
  EXPECT_EQ(peek_owner(outside), (FileOwner{"stall", "b", "thing"}));
  EXPECT_NE(reasons(first, "a"), "");
}

TEST_F(Misplaced, IsNoFileThatDoesNotTellWhoseItIs) {
  const auto same = layout("shop", {{"thing", {"a"}}});
  write_things(same, "thing", 20);
  const auto file = folder_.path() / "a" / "thing.db";
  sql(file, "DELETE FROM meta WHERE name = 'owner'");
  EXPECT_EQ(reasons(same, "a"), "");
  write_things(same, "thing", 0);
  EXPECT_EQ(peek_owner(file), (FileOwner{"shop", "a", "thing"})) << "from its next start on it does";
}

TEST_F(Misplaced, AreRowsThatTheNodeHoldsNoLonger) {
  write_things(layout("shop", {{"thing", {"a"}}}), "thing", 20);
  const auto changed = layout("shop", {{"thing", {"a", "b"}}});
  EXPECT_THAT(reasons(changed, "a"),
              AllOf(HasSubstr("of thing lie in " + (folder_.path() / "a" / "thing.db").string()),
                    HasSubstr("to node b, " + (folder_.path() / "b" / "thing.db").string()), HasSubstr("shards 1"),
                    HasSubstr("shop data move --from THE-TOPOLOGY-AS-IT-WAS --to shop.toml")));
}

TEST_F(Misplaced, AreRowsThatLieForTheNodeWithAnother) {
  write_things(layout("shop", {{"thing", {"a"}}}), "thing", 20);
  const auto changed = layout("shop", {{"thing", {"b"}}, {"other", {"c"}}});
  EXPECT_THAT(reasons(changed, "b"), AllOf(HasSubstr("written by node a"), HasSubstr("to node b")));
  EXPECT_EQ(reasons(changed, "c"), "") << "nothing of its own";
}

TEST_F(Misplaced, IsNothingThatOnlyAnotherUsersFolderTells) {
  write_things(layout("shop", {{"thing", {"a"}}}), "thing", 20);
  const auto changed = layout("shop", {{"thing", {"b"}}});
  std::filesystem::permissions(folder_.path() / "a" / "node.db", std::filesystem::perms(0666));
  EXPECT_EQ(reasons(changed, "b"), "") << "anyone could have written it";
  std::filesystem::permissions(folder_.path() / "a" / "node.db", std::filesystem::perms(0600));
  EXPECT_NE(reasons(changed, "b"), "");
  if (::geteuid() != 0) GTEST_SKIP() << "gives files to others";
  ASSERT_EQ(::chown((folder_.path() / "a" / "node.db").c_str(), 12345, 12345), 0);
  EXPECT_EQ(reasons(changed, "b"), "") << "its user's alone";
}

TEST_F(Misplaced, AreRowsByAnotherNumberOfShards) {
  write_things(layout("shop", {{"thing", {"a", "b"}, 8}}), "thing", 40);
  const auto changed = layout("shop", {{"thing", {"a", "b"}, 5}});
  EXPECT_THAT(reasons(changed, "a"), AllOf(HasSubstr("with 8 shards"), HasSubstr("of 5) to node b")));
  EXPECT_EQ(reasons(layout("shop", {{"thing", {"a"}, 5}}), "a").find("lie in " + (folder_.path() / "a").string()),
            std::string::npos)
      << "one node has them all, however they are counted";
}

TEST_F(Misplaced, IsNothingWhereThereAreNoRows) {
  write_things(layout("shop", {{"thing", {"a"}}}), "thing", 0);
  const auto changed = layout("shop", {{"thing", {"b", "a"}}});
  EXPECT_EQ(reasons(changed, "a") + reasons(changed, "b"), "");
}

TEST_F(Misplaced, AreOperationsAndSendsWithoutTheirEntity) {
  for (const char* table : {"inbox", "outbox"}) {
    const TempFolder folder;
    const auto before = layout_of("shop", folder.path(), {{"thing", {"a"}}});
    write_things(before, "thing", 20);
    const std::string kept = table;
    for (const char* other : {"entity", "table_row", "inbox", "outbox"}) {
      if (kept != other) sql(folder.path() / "a" / "thing.db", std::string("DELETE FROM ") + other);
    }
    EXPECT_THAT(reasons(layout_of("shop", folder.path(), {{"thing", {"b"}}}), "b"), HasSubstr("(0 entities)")) << table;
  }
}

TEST_F(Misplaced, IsTheDataOfAnotherNodeOrTopology) {
  write_things(layout("shop", {{"thing", {"a"}}, {"other", {"b"}}}), "thing", 20);
  EXPECT_THAT(reasons(layout("shop2", {{"thing", {"a"}}}), "a"),
              AllOf(HasSubstr("holds the data of node a of topology shop,"), HasSubstr("node a of topology shop2"),
                    HasSubstr("--from shop.toml --to shop2.toml")));
  std::filesystem::rename(folder_.path() / "a", folder_.path() / "c");
  EXPECT_THAT(reasons(layout("shop", {{"thing", {"c"}}}), "c"), HasSubstr("node a of topology shop"));
}

TEST_F(Misplaced, IsWhatWasMovedAway) {
  const auto before = layout("shop", {{"thing", {"a"}}, {"other", {"a"}}});
  const auto after = layout("shop", {{"thing", {"b"}}, {"other", {"a"}}});
  write_things(before, "thing", 20);
  DataMove move(before, after, "shop");
  while (move.step()) {
  }
  EXPECT_THAT(reasons(before, "a"), AllOf(HasSubstr("the data of thing is no longer"), Not(HasSubstr("other"))));
  EXPECT_EQ(reasons(after, "a"), "");
}

TEST_F(Misplaced, IsNotForgottenWithItsFile) {
  const auto same = layout("shop", {{"thing", {"a"}}});
  write_things(same, "thing", 20);
  const auto file = folder_.path() / "a" / "thing.db";
  std::filesystem::remove(file);
  EXPECT_THAT(reasons(same, "a"), AllOf(HasSubstr(file.string() + " is not there, and holds the rows of thing"),
                                        HasSubstr("of node a of topology shop"),
                                        HasSubstr("make an empty file " + file.string() + ".given-up")));
  const auto changed = layout("shop", {{"thing", {"b"}}, {"other", {"a"}}});
  EXPECT_THAT(reasons(changed, "a"), HasSubstr("is not there"));
  EXPECT_THAT(reasons(changed, "b"), HasSubstr("is not there")) << "it would be served empty from elsewhere";
  EXPECT_EQ(reasons(layout("shop", {{"other", {"a"}}}), "a"), "") << "nobody would have its rows";
  const std::ofstream given_up(file.string() + ".given-up");
  EXPECT_EQ(reasons(same, "a"), "") << "given up on purpose";
  write_things(same, "thing", 5);
  std::filesystem::remove(file);
  EXPECT_THAT(reasons(same, "a"), HasSubstr("is not there")) << "the new one is not given up";
}

TEST_F(Misplaced, IsNothingWhereAFirstStartDidNotComeToItsFiles) {
  const auto same = layout("shop", {{"thing", {"a"}}});
  leave_record(same, "a");
  EXPECT_EQ(reasons(same, "a"), "");
}

TEST_F(Misplaced, IsSeenWhereAnOlderVersionLeftNoRecord) {
  write_things(layout("shop", {{"thing", {"a"}}}), "thing", 20);
  sql(folder_.path() / "a" / "node.db", "DELETE FROM owner");
  sql(folder_.path() / "a" / "node.db", "DELETE FROM place");
  EXPECT_EQ(reasons(layout("shop", {{"thing", {"a"}}}), "a"), "");
  EXPECT_THAT(reasons(layout("shop", {{"thing", {"b"}}}), "b"), HasSubstr("to node b"));
}

}  // namespace
}  // namespace troupe::storage::test
