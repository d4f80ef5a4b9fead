#include <troupe/storage/data_move.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <troupe/storage/misplaced.hpp>
#include <troupe/storage/shared_secret.hpp>
#include "tests/process/forked_process.hpp"
#include "tests/storage/placed_data.hpp"

namespace troupe::storage::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

void finish(DataMove& move) {
  while (move.step()) {
  }
}

void move_all(const Layout& from, const Layout& to) {
  DataMove move(from, to, "shop");
  finish(move);
}

/// Takes at most so many steps; how many there were.
std::size_t take_steps(const Layout& from, const Layout& to, std::size_t count) {
  DataMove move(from, to, "shop");
  std::size_t taken = 0;
  while (taken < count && move.step()) ++taken;
  return taken;
}

/// Why a node of the layout would not start; empty: it would.
std::string reasons_of(const Layout& layout, const std::string& node) {
  const auto& node_layout = *layout.find(node);
  std::string text;
  const auto record = peek_record(node_layout.folder).value_or(NodeRecord{});
  for (const auto& reason : find_misplaced(layout, node_layout, record, "shop")) text += reason + '\n';
  return text;
}

/// One node and several, in one data folder and in two.
class Move : public ::testing::Test {
 protected:
  Layout one(const std::string& data = "data") const {
    return layout_of("one", folder_.path() / data, {{"thing", {"main"}}, {"other", {"main"}}});
  }
  Layout three(const std::string& data = "data") const {
    return layout_of("three", folder_.path() / data, {{"thing", {"a", "b"}}, {"other", {"c"}}});
  }
  std::vector<std::string> rows() const { return all_rows({folder_.path()}); }

  static void write(const Layout& layout, std::uint64_t entities = 40) {
    write_things(layout, "thing", entities);
    write_things(layout, "other", entities / 2);
  }

  /// A group of nodes for things; most of its files give rows and take others when it grows or shrinks.
  Layout group(const std::vector<std::string>& nodes, std::uint32_t shards = 8) const {
    return layout_of("group", folder_.path() / "data", {{"thing", nodes, shards}, {"other", {"c"}}});
  }

  /// Stops a move after each of its steps in turn, and makes it again.
  void cut_everywhere(const Layout& from, const Layout& to);

  TempFolder folder_;
};

void Move::cut_everywhere(const Layout& from, const Layout& to) {
  write(from);
  const auto before = rows();
  const fs::path data = folder_.path() / "data";
  const fs::path kept = folder_.path() / "kept";
  fs::rename(data, kept);
  std::size_t refused = 0;
  for (std::size_t cut = 0;; ++cut) {
    SCOPED_TRACE("after step " + std::to_string(cut));
    fs::remove_all(data);
    fs::copy(kept, data, fs::copy_options::recursive);
    const std::size_t taken = take_steps(from, to, cut);
    auto meanwhile = all_rows({data});
    meanwhile.erase(std::ranges::unique(meanwhile).begin(), meanwhile.end());
    EXPECT_EQ(meanwhile, before) << "every row lies somewhere";
    const bool whole = reasons_of(from, from.nodes.front().node).empty() || reasons_of(to, "a").empty();
    refused += whole ? 0 : 1;
    move_all(from, to);
    ASSERT_EQ(all_rows({data}), before);
    ASSERT_EQ(misplaced_row(to, "thing") + misplaced_row(to, "other"), "");
    for (const auto& node : to.nodes) ASSERT_EQ(reasons_of(to, node.node), "");
    ASSERT_FALSE(fs::exists(data / "move.db"));
    if (taken < cut) break;
  }
  EXPECT_GT(refused, 15u) << "no node starts in the middle";
}

TEST_F(Move, CarriesEveryRowToItsNewPlaceAndBack) {
  write(one());
  const auto before = rows();
  const Layout scaled = layout_of("scaled", folder_.path() / "data", {{"thing", {"x0", "x1", "x2"}}, {"other", {"c"}}});
  const std::vector<Layout> way{one(), three(), scaled, one()};
  for (std::size_t i = 1; i < way.size(); ++i) {
    SCOPED_TRACE(way[i].topology);
    move_all(way[i - 1], way[i]);
    EXPECT_EQ(rows(), before);
    EXPECT_EQ(misplaced_row(way[i], "thing"), "");
    EXPECT_EQ(misplaced_row(way[i], "other"), "");
    for (const auto& node : way[i].nodes) EXPECT_EQ(reasons_of(way[i], node.node), "");
  }
}

TEST_F(Move, GoesToAnotherDataFolder) {
  write(one("old"));
  const auto before = rows();
  move_all(one("old"), three("new"));
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(misplaced_row(three("new"), "thing"), "");
  EXPECT_EQ(all_rows({folder_.path() / "old"}).size(), 0u);
  EXPECT_FALSE(fs::exists(folder_.path() / "old" / "main" / "thing.db")) << "deleted rows leave no traces";
}

TEST_F(Move, TellsWhatItCarried) {
  write(one());
  DataMove move(one(), three(), "shop");
  finish(move);
  std::uint64_t entities = 0;
  for (const auto& carried : move.carried()) {
    EXPECT_EQ(carried.from_node, "main");
    entities += carried.entities;
  }
  EXPECT_EQ(entities, 60u);
  EXPECT_EQ(move.carried().size(), 3u);
}

TEST_F(Move, LeavesTheDataServableByAStore) {
  write(one());
  move_all(one(), three());
  DataFolder folder(folder_.path() / "data", "c");
  const auto workers = loop::thread_workers();
  SqliteStoreFactory factory(folder, *workers, {.fatal = [](const std::string&) {}});
  auto declaration = thing({{"number", IndexDeclaration::Type::integer}, {"name", IndexDeclaration::Type::text}});
  declaration.protocol = "other";
  const auto store = factory.open(declaration);
  EXPECT_EQ(store->take_pending_sends().size(), 5u);
  EXPECT_EQ(store->dead_letters(), 5u);
  EXPECT_EQ(load(*store, id_key(7)).rows.size(), 2u);
  EXPECT_TRUE(find_operation(*store, id_key(7), uuid(100'007)));
  Scan scan;
  scan.index = 1;
  scan.equals = IndexValue("thing 7");
  EXPECT_EQ(scan_keys(*store, scan), std::vector{id_key(7)});
}

TEST_F(Move, ScalesAGroupThatKeepsItsNodes) {
  write(group({"a", "b"}));
  const auto before = rows();
  const std::vector<Layout> way{group({"a", "b"}), group({"a", "b", "d"}), group({"a", "b", "d", "e"}),
                                group({"a", "b"}), group({"a", "b"}, 7)};
  for (std::size_t i = 1; i < way.size(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    move_all(way[i - 1], way[i]);
    EXPECT_EQ(rows(), before);
    EXPECT_EQ(misplaced_row(way[i], "thing"), "");
    for (const auto& node : way[i].nodes) EXPECT_EQ(reasons_of(way[i], node.node), "");
  }
}

TEST_F(Move, ChangesTheNumberOfShards) {
  write(one());
  const auto before = rows();
  const auto fewer = layout_of("one", folder_.path() / "data", {{"thing", {"main", "b"}, 5}, {"other", {"main"}, 3}});
  move_all(one(), fewer);
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(misplaced_row(fewer, "thing"), "");
  EXPECT_EQ(reasons_of(fewer, "main") + reasons_of(fewer, "b"), "");
}

TEST_F(Move, DoesNothingTwice) {
  write(one());
  move_all(one(), three());
  const auto before = rows();
  DataMove again(one(), three(), "shop");
  finish(again);
  EXPECT_TRUE(again.carried().empty());
  EXPECT_EQ(rows(), before);
}

TEST_F(Move, LosesAndDoublesNothingWhereverItIsCut) { cut_everywhere(one(), three()); }

TEST_F(Move, LosesAndDoublesNothingWhereFilesGiveAndTake) { cut_everywhere(group({"a", "b"}), group({"a", "b", "d"})); }

TEST_F(Move, LosesAndDoublesNothingThoughItIsCutAgainAndAgain) {
  write(one());
  const auto before = rows();
  // Each run must be let get further than the last: the first steps are made again.
  for (std::size_t runs = 1; take_steps(one(), three(), runs) == runs; ++runs) {
    auto meanwhile = rows();
    meanwhile.erase(std::ranges::unique(meanwhile).begin(), meanwhile.end());
    ASSERT_EQ(meanwhile, before) << "after " << runs << " runs";
  }
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(misplaced_row(three(), "thing") + misplaced_row(three(), "other"), "");
}

/// Moves in a child that tells each step, and kills it in the middle of the step after `steps`. False: it had ended.
bool move_and_kill(const Layout& from, const Layout& to, std::size_t steps) {
  process::ForkedProcess child([&](int pipe) {
    DataMove move(from, to, "shop");
    do {
      if (::write(pipe, "x", 1) != 1) return 1;
    } while (move.step());
    return 0;
  });
  for (std::size_t seen = 0; child.told<char>();) {
    if (++seen == steps) child.kill();
  }
  return child.wait().signal != 0;
}

TEST_F(Move, SurvivesBeingKilled) {
  write(one(), 2000);
  const auto before = rows();
  std::size_t killed = 0;
  const std::vector<Layout> way{one(), three()};
  for (std::size_t steps = 1; steps < 30; ++steps) {
    SCOPED_TRACE(steps);
    const Layout& from = way[(steps + 1) % 2];
    const Layout& to = way[steps % 2];
    killed += move_and_kill(from, to, steps) ? 1 : 0;
    move_all(from, to);
    ASSERT_EQ(rows(), before);
    ASSERT_EQ(misplaced_row(to, "thing") + misplaced_row(to, "other"), "");
  }
  EXPECT_GT(killed, 20u);
}

TEST_F(Move, IsToBeFinishedBeforeAnyNodeStarts) {
  write(one());
  take_steps(one(), three(), 12);
  for (const auto& [layout, node] : {std::pair(one(), "main"), {three(), "a"}, {three(), "c"}}) {
    EXPECT_THAT(reasons_of(layout, node),
                AllOf(HasSubstr("not finished"), HasSubstr("shop data move --from one.toml --to three.toml")));
  }
}

TEST_F(Move, IsToBeFinishedBeforeAnotherBegins) {
  write(one());
  take_steps(one(), three(), 12);
  const auto elsewhere = layout_of("two", folder_.path() / "data", {{"thing", {"p"}}, {"other", {"q"}}});
  EXPECT_THAT(refusal_of([&] { move_all(one(), elsewhere); }), HasSubstr("--from one.toml --to three.toml"));
  EXPECT_THAT(refusal_of([&] { move_all(three(), one()); }), HasSubstr("--from one.toml --to three.toml"));
  move_all(one(), three());
  move_all(three(), one());
  EXPECT_EQ(misplaced_row(one(), "thing"), "");
}

TEST_F(Move, RefusesWhileANodeRuns) {
  write(one());
  const auto before = rows();
  {
    const DataFolder running(folder_.path() / "data", "main");
    EXPECT_THAT(refusal_of([&] { move_all(one(), three()); }), HasSubstr("in use by process"));
  }
  const DataFolder running(folder_.path() / "data", "b");
  EXPECT_THAT(refusal_of([&] { move_all(one(), three()); }), HasSubstr("in use by process"));
  EXPECT_EQ(rows(), before);
}

TEST_F(Move, RefusesToMixItsRowsWithOthers) {
  write(one("old"));
  write(three("new"), 4);
  const auto before = rows();
  EXPECT_THAT(refusal_of([&] { move_all(one("old"), three("new")); }),
              AllOf(HasSubstr("thing.db"), HasSubstr("one.toml does not place there")));
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(reasons_of(three("new"), "a"), "") << "and goes on serving";
}

TEST_F(Move, RefusesATopologyThatTheDataIsNotOf) {
  write(one());
  const auto other = layout_of("shop", folder_.path() / "data", {{"thing", {"main"}}, {"other", {"main"}}});
  EXPECT_THAT(refusal_of([&] { move_all(other, three()); }),
              AllOf(HasSubstr("of topology one"), HasSubstr("shop.toml")));
}

TEST_F(Move, RefusesWhereANodesFolderIsMissing) {
  write(three());
  fs::rename(folder_.path() / "data" / "b", folder_.path() / "away");
  EXPECT_THAT(refusal_of([&] { move_all(three(), one()); }), HasSubstr("no data of node b"));
}

TEST_F(Move, LeavesNoFileOutThatIsGone) {
  write(one());
  const fs::path file = folder_.path() / "data" / "main" / "thing.db";
  fs::remove(file);
  EXPECT_THAT(refusal_of([&] { move_all(one(), three()); }), HasSubstr(file.string() + " is not there"));
  EXPECT_FALSE(peek_record(file.parent_path())->move) << "it has not begun";
  const std::ofstream given_up(file.string() + ".given-up");
  move_all(one(), three());
  EXPECT_EQ(misplaced_row(three(), "other"), "");
}

TEST_F(Move, TakesNoPlaceAwayThatHasNoFileYet) {
  write_things(group({"a", "b"}), "thing", 40);
  move_all(group({"a", "b"}), group({"a", "b", "d"}));
  for (const char* node : {"a", "b", "c", "d"}) EXPECT_EQ(reasons_of(group({"a", "b", "d"}), node), "") << node;
}

TEST_F(Move, FindsWhatArrivedOtherwiseThanItLeft) {
  write(one());
  const auto before = rows();
  {
    DataMove move(one(), three(), "shop");
    const fs::path arrived = folder_.path() / "data" / "a" / "thing.db";
    // Until the first table has come.
    while (!fs::exists(arrived) || sql(arrived, "SELECT count(*) FROM table_row") == "0") ASSERT_TRUE(move.step());
    sql(arrived, "UPDATE entity SET body = '{}' WHERE key = (SELECT min(key) FROM entity)");
    EXPECT_THAT(
        refusal_of([&] { finish(move); }),
        AllOf(HasSubstr("is not what was there"), HasSubstr("other contents"), HasSubstr("nothing was removed")));
  }
  move_all(one(), three());
  EXPECT_EQ(rows(), before) << "the next try copies anew";
}

std::vector<std::byte> secret(int value) { return std::vector<std::byte>(32, static_cast<std::byte>(value)); }

TEST_F(Move, TakesTheSecretsAlong) {
  write(one());
  DataFolder(folder_.path() / "data", "main").get_or_create("token-key", [] { return secret(1); });
  move_all(one(), three("split"));
  EXPECT_EQ(find_shared_secret(folder_.path() / "split", "token-key"), secret(1));
  Layout derived = layout_of("derived", folder_.path() / "far", {{"thing", {"a"}}, {"other", {"c"}}});
  derived.secrets.derived["token-key"] = secret(2);
  move_all(three("split"), derived);
  EXPECT_EQ(find_shared_secret(folder_.path() / "far", "token-key"), secret(1)) << "goes before the derived one";
  move_all(derived, one("home"));
  EXPECT_EQ(DataFolder(folder_.path() / "home", "main").get_or_create("token-key", [] { return secret(3); }),
            secret(1));
}

TEST_F(Move, TakesADerivedSecretAlong) {
  Layout from = three();
  from.secrets.derived["token-key"] = secret(2);
  write(from);
  move_all(from, one("home"));
  EXPECT_EQ(DataFolder(folder_.path() / "home", "main").get_or_create("token-key", [] { return secret(3); }),
            secret(2));
}

TEST_F(Move, LeavesTheSecretsOfDataToWhichItCarriesNothing) {
  const Layout live = three("live");
  write(live);
  replace_shared_secret(live.data, "token-key", secret(1));
  for (const auto& node : one("empty").nodes) leave_record(one("empty"), node.node);
  DataFolder(folder_.path() / "empty", "main").get_or_create("token-key", [] { return secret(2); });
  move_all(one("empty"), live);
  EXPECT_EQ(find_shared_secret(live.data, "token-key"), secret(1));
}

}  // namespace
}  // namespace troupe::storage::test
