#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/requests.hpp"
#include "tests/engine/scripted_store.hpp"

/// A small domain under supervision, and what tests of the tree share.
namespace troupe::engine::rooms {
using namespace std::chrono_literals;
using supervision::ChildState;
using supervision::ChildType;
using supervision::ExitReason;
using supervision::Strategy;
using supervision::SupervisorFlags;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Guests {
  std::uint32_t count = 0;
};
struct Get {
  using Reply = Guests;
  static constexpr auto effect = Effect::read;
};
struct Enter {
  using Reply = Guests;
};
struct EnterSlowly {
  using Reply = Guests;
};

using Api = Protocol<"room", Get, Enter, EnterSlowly>;

struct State {
  std::uint32_t guests = 0;
};

class Room : public Entity<Api, State> {
 public:
  Task<Guests> on(Get) const { co_return Guests{state().guests}; }
  Task<Guests> on(Enter) { co_return Guests{++edit().guests}; }
  Task<Guests> on(EnterSlowly) {
    co_await pause(1s);
    co_return Guests{++edit().guests};
  }
};

template <class M>
Task<ReplyOf<M>> asking(std::string name) {
  co_return co_await actor<Api>(Key(name)).template ask<M>();
}

struct Reports final : Reporter {
  std::vector<std::string> lines;
  std::vector<std::string> gave_up_for;
  bool expects_crashes = false;
  bool expects_trouble = false;
  void crashed(const CrashReport& report) override { EXPECT_TRUE(expects_crashes) << report.what; }
  void trouble(std::string_view what) override { EXPECT_TRUE(expects_trouble) << what; }
  void supervised(const supervision::Report& report) override { lines.push_back(to_text(report)); }
  void gave_up(const ExitReason& reason) override { gave_up_for.push_back(to_text(reason)); }
};

/// A worker whose life a test leads.
struct Puppet {
  std::vector<std::string>& log;
  std::string name;
  std::string refuses{};  ///< why it does not start
  std::function<void(ExitReason)> ended{};
  int lives = 0;
};

class PuppetLeaf final : public Leaf {
 public:
  explicit PuppetLeaf(Puppet& puppet) : puppet_(puppet) {}
  void start(Told told) override {
    if (!puppet_.refuses.empty()) throw std::runtime_error(puppet_.refuses);
    ++puppet_.lives;
    puppet_.log.push_back(puppet_.name + " starts");
    puppet_.ended = std::move(told.ended);
    told.started();
  }
  void exit(ExitSignal signal) override {
    puppet_.log.push_back(puppet_.name + (signal == ExitSignal::kill ? " is killed" : " ends"));
    puppet_.ended(signal == ExitSignal::kill ? ExitReason::killed() : ExitReason::shutdown());
  }

 private:
  Puppet& puppet_;
};

class ATree : public ::testing::TestWithParam<std::size_t> {
 protected:
  static constexpr std::uint32_t shards = 8;
  template <class M>
  using Asked = Pending<ReplyOf<M>>;

  void SetUp() override {
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    host = &engine.host(entity_type<Room>(), &store, HostOptions{.shards = shards, .domain = "hotel"});
    engine.supervise("node", [this](const std::string& path) -> std::optional<SupervisorFlags> {
      const auto found = adjusted.find(path);
      return found == adjusted.end() ? std::nullopt : std::optional(found->second);
    });
  }
  void TearDown() override { store.close(); }

  void add(Puppet& puppet) {
    engine.add_worker("hotel", puppet.name,
                      LeafSpec{0, [&puppet](loop::Loop&) { return std::make_unique<PuppetLeaf>(puppet); }});
  }
  template <class M>
  Asked<M> begin(const std::string& name) {
    return begin_request(engine, asking<M>(name));
  }
  template <class M>
  Outcome<ReplyOf<M>> ask(const std::string& name) {
    return end_of(world, begin<M>(name));
  }
  std::string path_of(const std::string& name) const {
    return "hotel/room/" + std::to_string(Key(name).shard_hash() % shards);
  }
  /// The name of an entity in a shard that fits.
  static std::string name_in(bool (*fits)(std::uint64_t shard)) {
    for (int i = 0;; ++i) {
      const std::string name = "n" + std::to_string(i);
      if (fits(Key(name).shard_hash() % shards)) return name;
    }
  }
  void kill(const std::string& path) {
    bool killed = false;
    engine.loop(0).call([this, path, &killed] { killed = engine.kill(path); });
    world.advance(10ms);
    ASSERT_TRUE(killed) << path;
  }
  TreeNode tree() {
    TreeNode root;
    engine.loop(0).call([this, &root] { root = engine.tree(); });
    world.advance(1ms);
    return root;
  }
  static const TreeNode& at(const TreeNode& node, const std::string& name) {
    for (const auto& child : node.children) {
      if (child.name == name) return child;
    }
    throw std::out_of_range(node.name + " has no child " + name);
  }
  TreeNode at(const std::string& domain, const std::string& child) { return at(at(tree(), domain), child); }
  /// So that an entity is in memory, and a restart of its shard shows.
  void warm(const std::string& name) { ASSERT_TRUE(ask<Get>(name).ok()); }
  std::size_t in_memory(const std::string& name) const {
    return host->shard_of(Key(name).shard_hash())->counters().activations.load();
  }

  std::map<std::string, SupervisorFlags> adjusted;
  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  std::vector<std::string> log;
  Engine engine{world, reports};
  Host* host = nullptr;
};

}  // namespace troupe::engine::rooms
