// Links that are cut and come back while the shop works: calls fail only as long as they must, and what was answered
// holds.

#include <random>

#include "tests/cluster/relayed_cluster.hpp"
#include "tests/crash/workload.hpp"

namespace shop::testing {
namespace {

constexpr std::chrono::minutes long_enough{1};

/// A shop at work, and the trouble that a seed makes for its links.
class CutLinks : public ::testing::TestWithParam<const char*> {
 public:
  void SetUp() override { workload_.start(cluster_.gateway()); }

  /// Calls succeed again by themselves.
  void expect_progress() {
    const auto enough = workload_.acknowledged() + 10 + static_cast<int>(random_() % 40);
    ASSERT_TRUE(eventually([&] { return workload_.acknowledged() >= enough; }, long_enough)) << cluster_.log();
  }

  void cut_one() { relay().cut(wire_in_use(), any_ending()); }

  void cut_all() {
    for (const auto& wire : cluster_.wires()) relay().cut(wire, any_ending());
  }

  void tear() {
    const auto before = relay().torn();
    ASSERT_TRUE(eventually(
        [&] {
          // What was in use may have ended meanwhile.
          relay().tear(wire_in_use(), random_() % 2'000);
          return relay().torn() > before;
        },
        long_enough));
  }

  /// Long enough to be noticed, not so long that anybody gives the link up.
  void stall() {
    const auto wire = wire_in_use();
    relay().hold(wire);
    const std::size_t enough = 1 + random_() % 500;
    EXPECT_TRUE(
        eventually([&] { return relay().held(wire) >= enough || relay().connections(wire) == 0; }, long_enough));
    relay().let_go(wire);
  }

  void turn_away() {
    const auto wire = wire_in_use();
    const auto enough = relay().turned_away() + 2;
    relay().refuse(wire, Refusal::hangs_up);
    relay().cut(wire, any_ending());
    EXPECT_TRUE(eventually([&] { return relay().turned_away() >= enough; }, long_enough)) << cluster_.log();
    relay().accept(wire);
  }

  /// A link on which nothing comes is kept while somebody acknowledges what is sent.
  void fall_silent() {
    for (const auto& wire : cluster_.wires()) relay().hold(wire);
    expect_in_log("a peer is silent");
    for (const auto& wire : cluster_.wires()) relay().let_go(wire);
    EXPECT_EQ(cluster_.log().find("nothing was heard"), std::string::npos) << "nobody gave it up";
  }

  /// It is given up where nobody does, whatever still comes later.
  void be_cut_off() {
    for (const auto& wire : cluster_.wires()) {
      if (!relay().lose(wire)) GTEST_SKIP() << "this system has no socket filters";
    }
    expect_in_log("half-open: nothing was heard");
    for (const auto& wire : cluster_.wires()) relay().let_go(wire);
  }

  void be_unreachable() {
    for (const auto& wire : cluster_.wires()) relay().refuse(wire, Refusal::nobody_listens);
    cut_all();
    expect_in_log("Connection refused");
    for (const auto& wire : cluster_.wires()) relay().accept(wire);
  }

  void expect_nothing_lost() {
    workload_.stop();
    EXPECT_EQ(workload_.cut_off(), 0) << "no client waited in vain";
    workload_.repeat_unanswered(cluster_.gateway());
    Session admin{cluster_.gateway(), workload_.admin_token()};
    auto result = ::testing::AssertionFailure() << "never looked";
    EXPECT_TRUE(eventually([&] { return static_cast<bool>(result = look(admin)); }, long_enough)) << result.message();
    EXPECT_TRUE(cluster_.stop()) << cluster_.log();
    EXPECT_EQ(cluster_.log().find("refused by us: no_secret"), std::string::npos) << "a dead socket is no stranger";
  }

 private:
  void expect_in_log(std::string_view text) {
    EXPECT_TRUE(eventually([&] { return cluster_.log().find(text) != std::string::npos; }, long_enough)) << text;
  }

  LinkRelay& relay() { return cluster_.relay(); }
  Ending any_ending() { return random_() % 2 == 0 ? Ending::reset : Ending::in_order; }

  Wire wire_in_use() {
    std::vector<Wire> used;
    EXPECT_TRUE(eventually(
        [&] {
          for (const auto& wire : cluster_.wires()) {
            if (relay().connections(wire) > 0) used.push_back(wire);
          }
          return !used.empty();
        },
        long_enough));
    return used.at(random_() % used.size());
  }

  /// A page or an order may still be out of reach: each loop of the gateway has links of its own.
  ::testing::AssertionResult look(Session& admin) const {
    try {
      return workload_.ledger().matches(admin);
    } catch (const std::runtime_error& unavailable) {
      return ::testing::AssertionFailure() << unavailable.what();
    }
  }

  RelayedCluster cluster_{GetParam()};
  const std::uint32_t seed_ = test_seed();
  std::mt19937 random_{seed_};
  Workload workload_{cluster_.gateway(), seed_};
};

TEST_P(CutLinks, CostOnlyErrorsWhileTheyAreCut) {
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    for (const auto trouble :
         {&CutLinks::cut_one, &CutLinks::tear, &CutLinks::stall, &CutLinks::turn_away, &CutLinks::cut_all}) {
      ASSERT_NO_FATAL_FAILURE((this->*trouble)());
      ASSERT_NO_FATAL_FAILURE(expect_progress());
    }
  }
  expect_nothing_lost();
}

TEST_P(CutLinks, ThatStaySilentOrShutForLongCostOnlyErrorsUntilTheyAreBack) {
  expect_progress();
  fall_silent();
  ASSERT_NO_FATAL_FAILURE(expect_progress());
  be_cut_off();
  ASSERT_NO_FATAL_FAILURE(expect_progress());
  be_unreachable();
  ASSERT_NO_FATAL_FAILURE(expect_progress());
  expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(Placements, CutLinks,
                         ::testing::Values("gateway | user | product | order", "gateway user product | order*3"),
                         [](const auto& placement) { return placement.index == 0 ? "AllApart" : "OrderGroup"; });

}  // namespace
}  // namespace shop::testing
