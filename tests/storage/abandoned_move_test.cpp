// A move that is taken back before it has cleared anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/storage/data_move.hpp>
#include <troupe/storage/misplaced.hpp>
#include "tests/storage/placed_data.hpp"

namespace troupe::storage::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Takes at most so many steps; how many there were.
std::size_t take_steps(const Layout& from, const Layout& to, MoveGoal goal, std::size_t count) {
  DataMove move(from, to, "shop", goal);
  std::size_t taken = 0;
  while (taken < count && move.step()) ++taken;
  return taken;
}

constexpr std::size_t all = 10'000;

class AbandonedMove : public ::testing::Test {
 protected:
  AbandonedMove() {
    write_things(one(), "thing", 40);
    write_things(one(), "other", 20);
    before_ = all_rows({data_});
    fs::copy(data_, kept_, fs::copy_options::recursive);
  }

  Layout one() const { return layout_of("one", data_, {{"thing", {"main"}}, {"other", {"main"}}}); }
  Layout three() const { return layout_of("three", data_, {{"thing", {"a", "main"}}, {"other", {"c"}}}); }

  /// The data as it was written, with a move that has taken so many steps. False: it had ended before.
  bool move_for(std::size_t steps) const {
    fs::remove_all(data_);
    fs::copy(kept_, data_, fs::copy_options::recursive);
    return take_steps(one(), three(), MoveGoal::finish, steps) == steps;
  }
  /// How many steps a move takes until it cannot be abandoned any more.
  std::size_t steps_until_too_late() const {
    for (std::size_t steps = 2; move_for(steps); ++steps) {
      try {
        DataMove(one(), three(), "shop", MoveGoal::abandon);
      } catch (const std::runtime_error&) {
        return steps;
      }
    }
    ADD_FAILURE() << "it can always be abandoned";
    return 0;
  }

  /// Why a node of the layout would not start; empty: it would.
  std::string reasons_of(const Layout& layout, const std::string& node) const {
    const auto& node_layout = *layout.find(node);
    std::string text;
    const auto record = peek_record(node_layout.folder).value_or(NodeRecord{});
    for (const auto& reason : find_misplaced(layout, node_layout, record, "shop")) text += reason + '\n';
    return text;
  }
  void expect_as_before() const {
    EXPECT_EQ(all_rows({data_}), before_);
    EXPECT_EQ(misplaced_row(one(), "thing") + misplaced_row(one(), "other"), "");
    EXPECT_EQ(reasons_of(one(), "main"), "");
    EXPECT_FALSE(fs::exists(data_ / "move.db"));
    EXPECT_FALSE(fs::exists(data_ / "a" / "thing.db"));
  }

  TempFolder folder_;
  const fs::path data_ = folder_.path() / "data";
  const fs::path kept_ = folder_.path() / "kept";
  std::vector<std::string> before_;
};

TEST_F(AbandonedMove, LeavesEverythingAsItWasWhereverTheMoveWasCut) {
  const std::size_t too_late = steps_until_too_late();
  ASSERT_GT(too_late, 15u);
  for (std::size_t cut = 2; cut < too_late; ++cut) {
    SCOPED_TRACE("after step " + std::to_string(cut));
    ASSERT_TRUE(move_for(cut));
    take_steps(one(), three(), MoveGoal::abandon, all);
    expect_as_before();
  }
  take_steps(one(), three(), MoveGoal::finish, all);
  EXPECT_EQ(all_rows({data_}), before_) << "it may be begun anew";
  EXPECT_EQ(misplaced_row(three(), "thing") + misplaced_row(three(), "other"), "");
}

TEST_F(AbandonedMove, MayBeCutAnywhereAndGoesOnInEitherDirection) {
  const std::size_t copied = steps_until_too_late() - 1;
  std::size_t cut = 0;
  for (bool ended = false; !ended; ++cut) {
    for (const auto goal : {MoveGoal::abandon, MoveGoal::finish}) {
      SCOPED_TRACE("after step " + std::to_string(cut) + (goal == MoveGoal::finish ? ", moved" : ", abandoned"));
      ASSERT_TRUE(move_for(copied));
      ended = take_steps(one(), three(), MoveGoal::abandon, cut) < cut;
      auto meanwhile = all_rows({data_});
      meanwhile.erase(std::ranges::unique(meanwhile).begin(), meanwhile.end());
      ASSERT_EQ(meanwhile, before_) << "every row lies somewhere";
      if (goal == MoveGoal::finish) {
        take_steps(one(), three(), MoveGoal::finish, all);
        EXPECT_EQ(all_rows({data_}), before_);
        EXPECT_EQ(misplaced_row(three(), "thing") + misplaced_row(three(), "other"), "");
      } else {
        if (!reasons_of(one(), "main").empty()) take_steps(one(), three(), MoveGoal::abandon, all);
        expect_as_before();
      }
    }
  }
  EXPECT_GT(cut, 7u);
}

TEST_F(AbandonedMove, KeepsNodesFromStartingUntilItsCopiesAreGone) {
  ASSERT_TRUE(move_for(steps_until_too_late() - 1));
  EXPECT_THAT(reasons_of(one(), "main"), AllOf(HasSubstr("not finished"), HasSubstr("--abandon")));
  take_steps(one(), three(), MoveGoal::abandon, 3);
  EXPECT_THAT(reasons_of(one(), "main"), HasSubstr("not finished"));
  EXPECT_THAT(reasons_of(three(), "a"), HasSubstr("not finished"));
}

TEST_F(AbandonedMove, MissesNoFileThatItTookBack) {
  ASSERT_TRUE(move_for(0));
  auto fresh = three();
  std::erase_if(fresh.nodes, [](const NodeLayout& node) { return node.node == "main"; });
  for (const char* protocol : {"thing", "other"}) write_things(fresh, protocol, 0);
  fs::remove_all(kept_);
  fs::copy(data_, kept_, fs::copy_options::recursive);
  ASSERT_TRUE(move_for(steps_until_too_late() - 1));
  take_steps(one(), three(), MoveGoal::abandon, all);
  EXPECT_EQ(peek_record(data_ / "a")->move, std::nullopt);
  EXPECT_THAT(reasons_of(three(), "c"), Not(HasSubstr("is not there")));
}

TEST_F(AbandonedMove, IsRefusedOnceTheOldPlacesAreBeingCleared) {
  for (std::size_t steps = steps_until_too_late(); move_for(steps); ++steps) {
    SCOPED_TRACE("after step " + std::to_string(steps));
    if (!fs::exists(data_ / "move.db")) continue;  // its last step
    EXPECT_THAT(
        refusal_of([&] { DataMove(one(), three(), "shop", MoveGoal::abandon); }),
        AllOf(HasSubstr("can't be abandoned any more"), HasSubstr("finish it by `shop data move --from one.toml")));
  }
  EXPECT_EQ(all_rows({data_}), before_);
}

TEST_F(AbandonedMove, IsRefusedWhereNoneOrAnotherWasBegun) {
  const auto abandon = [](const Layout& from, const Layout& to) {
    return refusal_of([&] { DataMove(from, to, "shop", MoveGoal::abandon); });
  };
  EXPECT_THAT(abandon(one(), three()),
              AllOf(HasSubstr("no move from one.toml to three.toml"), HasSubstr("nothing to")));
  EXPECT_FALSE(fs::exists(data_ / "a")) << "and nothing is made";
  ASSERT_TRUE(move_for(steps_until_too_late() - 1));
  const auto elsewhere = layout_of("two", data_, {{"thing", {"p"}}, {"other", {"q"}}});
  EXPECT_THAT(abandon(one(), elsewhere), HasSubstr("--from one.toml --to three.toml"));
  move_for(all);
  EXPECT_THAT(abandon(one(), three()), HasSubstr("or it is done"));
}

TEST_F(AbandonedMove, RemovesNoCopyWhereTheOriginalIsDamaged) {
  const std::size_t copied = steps_until_too_late() - 1;
  ASSERT_TRUE(move_for(copied));
  const auto copies = all_rows({data_ / "a"});
  ASSERT_FALSE(copies.empty());
  sql(data_ / "main" / "thing.db", "DELETE FROM entity");
  EXPECT_THAT(refusal_of([&] { take_steps(one(), three(), MoveGoal::abandon, all); }),
              AllOf(HasSubstr("does not lie any more where it did"), HasSubstr("restore a backup")));
  EXPECT_EQ(all_rows({data_ / "a"}), copies);
}

}  // namespace
}  // namespace troupe::storage::test
