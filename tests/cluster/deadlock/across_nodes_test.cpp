// Call chains that wait for each other across nodes, on virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/cluster/probe_codec.hpp>
#include <troupe/cluster/router.hpp>
#include <troupe/loop/simulation.hpp>
#include <troupe/transport/links.hpp>
#include <troupe/transport/memory_network.hpp>
#include "tests/cluster/routed_node.hpp"
#include "tests/engine/deadlock/knot.hpp"

namespace troupe::cluster::knots {
namespace {

using engine::knots::asking;
using engine::knots::Knot;
using engine::knots::Names;
using engine::knots::Peek;
using engine::knots::Pull;
using engine::knots::PullAll;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::size_t loops = 2;
constexpr std::uint32_t shards = 64;

struct Reports final : engine::Reporter {
  std::vector<std::string>& cycles;
  explicit Reports(std::vector<std::string>& cycles) : cycles(cycles) {}
  void crashed(const engine::CrashReport& report) override { ADD_FAILURE() << report.what; }
  void trouble(std::string_view what) override { ADD_FAILURE() << what; }
  void deadlocked(const std::vector<engine::deadlock::Wait>& cycle) override { cycles.push_back(to_text(cycle)); }
};

/// Nodes that share the knots out among each other, shard by shard.
class Nodes {
 public:
  using Asked = std::shared_ptr<std::optional<Outcome<std::string>>>;

  explicit Nodes(Names names, std::uint64_t seed = 7) : world_(seed), network_(seed), names_(std::move(names)) {
    for (const auto& name : names_) nodes_.push_back(std::make_unique<Node>(*this, name));
  }
  ~Nodes() {
    for (const auto& node : nodes_) node->engine.stop(0ms);
    world_.drop_jobs();
  }
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  /// `old`: a node as it was before there were probes.
  void start(const std::string& old = {}) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i]->connect(*this, i, names_[i] != old);
    for (const auto& node : nodes_) node->engine.start();
    // So that every link is up, and what is measured is no handshake.
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (std::size_t key = 0; key < nodes_.size() * 2; ++key) begin<Peek>(on(key, "warm"), 0ms, {}, i);
    }
    world_.advance(1s);
  }
  void set_faults(transport::MemoryNetwork::Faults faults) { network_.set_faults(faults); }

  /// An entity's name, on the node of that number.
  std::string on(std::size_t node, const std::string& prefix) const {
    for (int i = 0;; ++i) {
      const std::string name = prefix + std::to_string(i);
      if (Key(name).shard_hash() % shards % nodes_.size() == node % nodes_.size()) return name;
    }
  }
  template <class M>
  Asked begin(const std::string& name, Duration wait, Names through, std::size_t at = 0) {
    auto result = std::make_shared<std::optional<Outcome<std::string>>>();
    engine::Engine& engine = nodes_[at]->engine;
    loop::Loop& loop = engine.loop(0);
    loop.call([&engine, &loop, result, name, wait, through = std::move(through)] {
      engine.run(loop, {Shared<Origin>(new Origin(Principal{}, "")), loop.now() + 60s}, asking<M>(name, wait, through),
                 [result](Outcome<std::string> o) { result->emplace(std::move(o)); });
    });
    return result;
  }
  bool ended(const std::vector<Asked>& all, std::chrono::milliseconds limit) {
    return world_.run_until([&] { return std::ranges::all_of(all, [](const Asked& one) { return one->has_value(); }); },
                            limit);
  }
  void advance(std::chrono::milliseconds time) { world_.advance(time); }

  std::vector<std::string> cycles;
  std::vector<std::string> begun;

 private:
  struct Node {
    Node(Nodes& all, const std::string& name) : driver(all.world_.add_node(loops)), reports(all.cycles) {
      std::vector<std::string> owners;
      for (std::uint32_t shard = 0; shard < shards; ++shard) owners.push_back(all.names_[shard % all.names_.size()]);
      engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 3}; });
      engine.host(entity_type<Knot>(&all.begun), nullptr,
                  {.shards = shards,
                   .owns = [owners, name](std::uint32_t shard) { return owners[shard] == name; },
                   .owners = owners});
      router.emplace(engine, name, std::vector{Placement{"knot", owners}}, link_reports);
    }
    void connect(Nodes& all, std::size_t number, bool knows_probes) {
      transport::Self self = transport::make_self(all.names_[number], number + 1);
      self.fingerprints = router->fingerprints();
      if (knows_probes) self.features = Router::features();
      links.emplace(std::vector{&driver.loop(0), &driver.loop(1)}, all.network_.host(all.names_[number]), self,
                    *router);
      links->listen(all.names_[number] + ":1");
      for (const auto& other : all.names_) {
        if (other != all.names_[number]) links->add_peer(other, other + ":1");
      }
      router->connect(*links);
    }

    loop::LoopDriver& driver;
    Reports reports;
    LinkReports link_reports;
    engine::Engine engine{driver, reports};
    std::optional<Router> router;
    std::optional<transport::Links> links;
  };

  loop::Simulation world_;
  transport::MemoryNetwork network_;
  const Names names_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

std::string text(const Nodes::Asked& asked) { return *asked ? (**asked).ok() ? ***asked : "failed" : "waits"; }

TEST(DeadlockAcrossNodes, IsFoundWithinASecond) {
  Nodes nodes({"left", "right"});
  nodes.start();
  const std::string l = nodes.on(0, "l");
  const std::string r = nodes.on(1, "r");
  const auto one = nodes.begin<Pull>(l, 10ms, {r});
  const auto two = nodes.begin<Pull>(r, 60ms, {l});
  ASSERT_TRUE(nodes.ended({one, two}, 1s));
  EXPECT_EQ(text(two), "call_deadlock, not executed");
  EXPECT_EQ(text(one), "done");
  EXPECT_THAT(nodes.begun, ElementsAre(l, r, r)) << "the ask that failed was not executed";
  EXPECT_THAT(nodes.cycles,
              ElementsAre("knot/" + r + " (Pull) on right waits for knot/" + l + " (Pull), queued; knot/" + l +
                          " (Pull) on left waits for knot/" + r + " (Pull), queued"));
}

TEST(DeadlockAcrossNodes, OfThreeNodesFailsTheYoungestAskOnSlowLinks) {
  for (std::size_t youngest = 0; youngest < 3; ++youngest) {
    Nodes nodes({"first", "second", "third"}, youngest);
    nodes.set_faults({.shortest_delay = 20ms, .longest_delay = 40ms});
    nodes.start();
    const Names names{nodes.on(0, "a"), nodes.on(1, "b"), nodes.on(2, "c")};
    std::vector<Nodes::Asked> chains;
    for (std::size_t i = 0; i < 3; ++i) {
      chains.push_back(nodes.begin<Pull>(names[i], i == youngest ? 250ms : 100ms, {names[(i + 1) % 3]}, i));
    }
    ASSERT_TRUE(nodes.ended(chains, 2s));
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(text(chains[i]), i == youngest ? "call_deadlock, not executed" : "done") << i << " of " << youngest;
    }
    EXPECT_THAT(nodes.cycles, SizeIs(1));
  }
}

TEST(DeadlockAcrossNodes, OfAsksFromOneMomentFailsOneOfThem) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Nodes nodes({"left", "right"}, seed);
    nodes.set_faults({.shortest_delay = 1ms, .longest_delay = 30ms});
    nodes.start();
    const std::string l = nodes.on(0, "l");
    const std::string r = nodes.on(1, "r");
    const auto one = nodes.begin<Pull>(l, 100ms, {r}, 0);
    const auto two = nodes.begin<Pull>(r, 100ms, {l}, 1);
    ASSERT_TRUE(nodes.ended({one, two}, 2s)) << "seed " << seed;
    EXPECT_NE(text(one), text(two)) << "seed " << seed;
    EXPECT_THAT(nodes.cycles, SizeIs(1)) << "seed " << seed;
  }
}

TEST(DeadlockAcrossNodes, LeadsAlongAsksThatHaveBegunElsewhere) {
  Nodes nodes({"left", "right"});
  nodes.start();
  const Names l{nodes.on(0, "a"), nodes.on(0, "b")};
  const Names r{nodes.on(1, "c"), nodes.on(1, "d")};
  const auto one = nodes.begin<Pull>(l[0], 10ms, {r[0], l[1], r[1]});
  const auto two = nodes.begin<Pull>(r[1], 100ms, {l[0]});
  ASSERT_TRUE(nodes.ended({one, two}, 1s));
  EXPECT_EQ(text(two), "call_deadlock, not executed");
  EXPECT_EQ(text(one), "done");
}

TEST(DeadlockAcrossNodes, IsNoLongWait) {
  Nodes nodes({"left", "right"});
  nodes.set_faults({.shortest_delay = 1ms, .longest_delay = 100ms});
  nodes.start();
  const std::string slow = nodes.on(1, "z");
  std::vector<Nodes::Asked> all{nodes.begin<Pull>(slow, 20s, {})};
  for (std::size_t i = 0; i < 6; ++i) {
    all.push_back(nodes.begin<Pull>(nodes.on(i, "a"), 10ms, {nodes.on(i + 1, "b"), slow}, i % 2));
    all.push_back(nodes.begin<PullAll>(nodes.on(i, "c"), 10ms, {nodes.on(i, "a"), nodes.on(i + 1, "b")}, i % 2));
  }
  ASSERT_TRUE(nodes.ended(all, 40s));
  for (const auto& one : all) EXPECT_EQ(text(one), "done");
  EXPECT_THAT(nodes.cycles, IsEmpty());
}

TEST(DeadlockAcrossNodes, EndsByDeadlinesWhereAPeerKnowsNoProbes) {
  Nodes nodes({"left", "right"});
  nodes.start("right");
  const auto one = nodes.begin<Pull>(nodes.on(0, "l"), 10ms, {nodes.on(1, "r")});
  const auto two = nodes.begin<Pull>(nodes.on(1, "r"), 60ms, {nodes.on(0, "l")});
  nodes.advance(3s);
  EXPECT_EQ(text(one), "waits");
  EXPECT_TRUE(nodes.ended({one, two}, 2min));
  EXPECT_THAT(nodes.cycles, IsEmpty());
  const auto after = nodes.begin<Pull>(nodes.on(0, "l"), 10ms, {nodes.on(1, "r")});
  ASSERT_TRUE(nodes.ended({after}, 1s)) << "and the link is as it was";
  EXPECT_EQ(text(after), "done");
}

TEST(Probe, ThatIsNoneDoesNoHarm) {
  RoutedNode node;
  node.self_there.features = Router::features();
  node.start();
  ASSERT_EQ(node.ask_here(1, call_of("Hold", Key("b"), keyed(box::Hold{3s})), 60s), transport::SendResult::accepted);
  node.world.advance(100ms);
  transport::Link& link = *node.to_here->link(node.world.loop(0), 0);
  const Bytes nonsense(7, std::byte{0xc1});
  const engine::deadlock::Wait wait{
      .ask = {"there", 0, 1}, .waiter = {"x", Key("x"), "X"}, .asked = {"y", Key("y"), "Y"}};
  const auto probe = write_probe({engine::deadlock::Probe::Purpose::fail, 0, {wait}});
  ASSERT_TRUE(probe);
  for (const std::uint64_t request : {1, 2}) {
    EXPECT_EQ(link.send({transport::FrameType::probe, 0, request, nonsense}), transport::SendResult::accepted);
    EXPECT_EQ(link.send({transport::FrameType::probe, 0, request, *probe}), transport::SendResult::accepted);
  }
  ASSERT_TRUE(node.eventually([&] { return node.peer.answers() == 1; }));
  EXPECT_THAT(node.received(transport::FrameType::reply), SizeIs(1)) << "what has begun does not fail";
  EXPECT_THAT(node.peer.downs(), IsEmpty());
}

}  // namespace
}  // namespace troupe::cluster::knots
