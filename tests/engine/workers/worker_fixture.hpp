#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actor/every.hpp>
#include <troupe/engine/workers/workers.hpp>
#include "tests/engine/tree_fixture.hpp"

/// A worker of the small domain, which does what a test tells it.
namespace troupe::engine::rooms::porter {

struct Bags {
  std::uint32_t carried = 0;
};
struct Count {
  using Is = Read<Bags>;
};
struct CountSlowly {
  using Is = Read<Bags>;
};
struct Carry {
  using Is = Once<Bags>;
};
struct CarrySlowly {
  using Is = Once<Bags>;
};
struct Drop {
  using Is = Once<>;
};
struct Apologize {
  using Is = Once<>;
};

using Api = Protocol<"porter", Count, CountSlowly, Carry, CarrySlowly, Drop, Apologize>;

/// How a part of its life goes: by its coroutine, or before that is made.
enum class Part : std::uint8_t { absent, returns, throws, throws_at_once, fails, never_ends };

struct Script {
  Part make = Part::returns;  ///< its constructor
  Part start = Part::absent;
  Part run = Part::never_ends;
  Part stop = Part::absent;
  int lives = 0;
  int living = 0;
  std::vector<std::string> log{};
};

class Porter : public Worker<Api, Asks<rooms::Api, Get>> {
 public:
  static constexpr WorkerSpec spec{.name = "porter"};

  explicit Porter(Script* script) : script_(*script) {
    if (script_.make == Part::throws) throw std::runtime_error("no porter is to be had");
    ++script_.lives;
    ++script_.living;
  }
  ~Porter() override {
    script_.log.emplace_back("is gone");
    --script_.living;
  }

  Task<Done> start() override { return part("start", script_.start); }
  Task<Done> run() override { return part("run", script_.run); }
  Task<Done> stop() override { return part("stop", script_.stop); }

  Task<Bags> on(Count) const { co_return Bags{carried_}; }
  Task<Bags> on(CountSlowly) const {
    co_await pause(1s);
    co_return Bags{carried_};
  }
  Task<Bags> on(Carry) { co_return Bags{++carried_}; }
  Task<Bags> on(CarrySlowly) {
    Trace trace{script_, "carrying"};
    const std::uint32_t before = carried_;
    co_await pause(1s);
    carried_ = before + 1;
    trace.how = " ends";
    co_return Bags{carried_};
  }
  Task<Done> on(Drop) {
    co_await pause(1ms);
    throw std::runtime_error("the bag is open");
    co_return Done{};
  }
  Task<Done> on(Apologize) {
    ++carried_;
    co_return Failure::not_executed(failure_code::unavailable, "there is nobody to apologize to");
  }

 private:
  /// Tells of the end of a coroutine, also where it is cut.
  struct Trace {
    Script& script;
    std::string name;
    std::string how = " is cut";
    ~Trace() { script.log.push_back(name + how); }
  };

  Task<Done> part(std::string name, Part how) {
    if (how == Part::absent) return {};
    if (how == Part::throws_at_once) throw std::runtime_error("no uniform for its " + name);
    return go(std::move(name), how);
  }
  Task<Done> go(std::string name, Part how) {
    Trace trace{script_, name};
    script_.log.push_back(name + " begins");
    co_await pause(10ms);
    if (how == Part::throws) throw std::runtime_error("no uniform for its " + name);
    if (how == Part::fails) co_return Failure::unknown(failure_code::timeout, "nobody opens");
    while (how == Part::never_ends) co_await pause(1h);
    trace.how = " ends";
    co_return Done{};
  }

  Script& script_;
  std::uint32_t carried_ = 0;
};

template <class M>
Task<ReplyOf<M>> asking_porter() {
  co_return co_await worker<Api>().template ask<M>();
}

/// Outlives the engine, which may end with workers in it.
struct Scripted {
  Script script;
};

class AWorker : protected Scripted, public ATree {
 protected:
  void TearDown() override {
    engine.stop(0ms);
    ATree::TearDown();
  }
  template <class W = Porter>
  void employ() {
    workers.add("hotel", worker_type<W, rooms::Api>(&script));
  }
  template <class W = Porter>
  void employ(Restart restart) {
    auto type = worker_type<W, rooms::Api>(&script);
    type.restart = restart;
    workers.add("hotel", std::move(type));
  }
  /// With the node ready.
  void start() {
    engine.start();
    workers.begin();
    world.advance(1ms);
  }
  /// Why the engine does not start.
  std::string refusal() {
    try {
      engine.start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it started";
  }
  template <class M>
  Asked<M> begin() {
    return begin_request(engine, asking_porter<M>());
  }
  template <class M>
  Outcome<ReplyOf<M>> tell() {
    return end_of(world, begin<M>());
  }
  TreeNode node() { return at(at("hotel", "workers"), "porter"); }
  static bool has(const TreeNode& node, const std::string& name) {
    return std::ranges::any_of(node.children, [&name](const TreeNode& child) { return child.name == name; });
  }

  Workers workers{engine, "node"};
};

}  // namespace troupe::engine::rooms::porter
