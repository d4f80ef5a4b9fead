#include "tests/engine/tree_fixture.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

// Something dies after one step, after two, after three … of what it is at: whoever asked hears once, what they hear is
// true, and afterwards everything runs once.
namespace troupe::engine::rooms {

class Hotel {
 public:
  static constexpr std::uint32_t shards = 8;
  template <class M>
  using Asked = std::shared_ptr<std::optional<Outcome<ReplyOf<M>>>>;

  explicit Hotel(std::size_t loops, std::chrono::milliseconds idle = 5min) : world(11, loops) {
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    host_ = &engine.host(entity_type<Room>(), &store, {.shards = shards, .idle = idle, .domain = "hotel"});
    // Deaths are not to escalate: that is shown elsewhere.
    engine.supervise("node", [](const std::string&) { return SupervisorFlags{.intensity = 100}; });
    engine.start();
  }
  ~Hotel() { store.close(); }
  Hotel(const Hotel&) = delete;
  Hotel& operator=(const Hotel&) = delete;

  template <class M>
  Asked<M> begin(const std::string& name) {
    auto result = std::make_shared<std::optional<Outcome<ReplyOf<M>>>>();
    loop::Loop& loop = engine.loop(0);
    loop.call([this, &loop, result, name] {
      engine.run(loop, {Shared<Origin>(new Origin(Principal{}, "")), loop.now() + 10s}, asking<M>(name),
                 [result](Outcome<ReplyOf<M>> o) {
                   EXPECT_FALSE(result->has_value()) << "it heard twice";
                   result->emplace(std::move(o));
                 });
    });
    return result;
  }
  void begin_entering(const std::string& name) { entering_.push_back(begin<Enter>(name)); }

  /// Lets so much happen. False: nothing was left to do.
  bool step(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (!world.step()) return false;
    }
    return true;
  }
  void kill(const std::string& path) {
    engine.loop(0).call([this, path] { engine.kill(path); });
  }
  static std::string shard_of(const std::string& name) {
    return "hotel/room/" + std::to_string(Key(name).shard_hash() % shards);
  }

  /// Everybody has heard, what is stored is what they heard, and the tree is as it was.
  void expect_that_all_is_well(const std::string& name) {
    const auto is_answered = [this] {
      return std::ranges::all_of(entering_, [](const auto& a) { return a->has_value(); });
    };
    ASSERT_TRUE(world.run_until(is_answered, 1h));
    std::uint32_t entered = 0;
    for (const auto& asked : entering_) {
      EXPECT_TRUE((*asked)->ok() || (*asked)->not_executed()) << (*asked)->failure().detail;
      if ((*asked)->ok()) ++entered;
    }
    world.advance(100ms);
    const auto got = begin<Get>(name);
    ASSERT_TRUE(world.run_until([&] { return got->has_value(); }, 1h));
    ASSERT_TRUE((*got)->ok()) << (*got)->failure().detail;
    EXPECT_EQ((**got)->count, entered);
    std::size_t activations = 0;
    for (const auto& shard : host_->shards()) activations += shard->counters().activations;
    EXPECT_EQ(activations, 1U);
    std::vector<MissingActor> missing;
    TreeNode tree;
    engine.loop(0).call([&] {
      missing = engine.missing(TreePart::shards, 10);
      std::ranges::move(engine.missing(TreePart::workers, 10), std::back_inserter(missing));
      tree = engine.tree();
    });
    world.advance(1ms);
    EXPECT_TRUE(missing.empty());
    EXPECT_EQ(tree.children.at(0).children.at(1).children.at(0).running, shards);
    EXPECT_TRUE(reports.gave_up_for.empty());
  }

  loop::Simulation world;
  Reports reports;
  ScriptedStore store{world.workers()};
  Engine engine{world, reports};

 private:
  Host* host_ = nullptr;
  std::vector<Asked<Enter>> entering_;
};

class ADeathAtAnyStep : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// Plays a story with its death after each number of steps, until it is over before.
  template <class Story>
  void play(Story story) {
    int steps = 0;
    for (; story(steps); ++steps) {
      if (HasFailure()) FAIL() << "after " << steps << " steps";
    }
    EXPECT_GT(steps, 5) << "there was something to interrupt";
  }
};

TEST_P(ADeathAtAnyStep, OfAShardWhileItsEntityIsLoadedAndServes) {
  play([](int steps) {
    Hotel hotel(GetParam());
    for (int i = 0; i < 3; ++i) hotel.begin_entering("a");
    const bool goes_on = hotel.step(steps);
    hotel.kill(Hotel::shard_of("a"));
    hotel.expect_that_all_is_well("a");
    return goes_on;
  });
}

TEST_P(ADeathAtAnyStep, OfAShardWhileItsEntityLeavesMemoryAndComesBack) {
  play([](int steps) {
    Hotel hotel(GetParam(), 1s);
    hotel.begin_entering("a");
    hotel.world.advance(999ms);
    // The sweep that passivates it comes with what follows.
    hotel.world.advance(500ms);
    for (int i = 0; i < 3; ++i) hotel.begin_entering("a");
    const bool goes_on = hotel.step(steps);
    hotel.kill(Hotel::shard_of("a"));
    hotel.expect_that_all_is_well("a");
    return goes_on;
  });
}

TEST_P(ADeathAtAnyStep, OfASupervisorWhileItStartsAChildAgain) {
  for (const std::string path : {"hotel/room", "hotel"}) {
    play([&path](int steps) {
      Hotel hotel(GetParam());
      for (int i = 0; i < 3; ++i) hotel.begin_entering("a");
      hotel.kill(Hotel::shard_of("a"));
      const bool goes_on = hotel.step(steps);
      hotel.kill(path);
      hotel.expect_that_all_is_well("a");
      return goes_on;
    });
  }
}

TEST_P(ADeathAtAnyStep, OfAChildWhileItsSupervisorStartsAllAgain) {
  play([](int steps) {
    Hotel hotel(GetParam());
    hotel.begin_entering("a");
    hotel.kill("hotel/room");
    const bool goes_on = hotel.step(steps);
    hotel.kill(Hotel::shard_of("a"));
    hotel.kill("hotel/room/0");
    hotel.expect_that_all_is_well("a");
    return goes_on;
  });
}

TEST_P(ADeathAtAnyStep, OfASupervisorLeavesTheNodeAbleToStop) {
  for (const std::string path : {"hotel/room", "hotel"}) {
    play([&path](int steps) {
      Hotel hotel(GetParam());
      hotel.begin_entering("a");
      hotel.kill(path);
      const bool goes_on = hotel.step(steps);
      EXPECT_TRUE(hotel.engine.stop(1h)) << "in order, not cut off";
      EXPECT_TRUE(hotel.reports.gave_up_for.empty());
      return goes_on;
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Loops, ADeathAtAnyStep, ::testing::Values(1U, 2U));

}  // namespace troupe::engine::rooms
