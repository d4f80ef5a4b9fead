#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include <troupe/loop/stack_trace.hpp>
#include <troupe/loop/throw_trace.hpp>
#include "tests/engine/requests.hpp"
#include "tests/engine/scripted_store.hpp"

// Where a bug threw, as its crash report tells.
namespace troupe::engine::towers {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Of external linkage, so that the program knows their names.
[[gnu::noinline]] void fall(const char* what) { throw std::runtime_error(what); }
[[gnu::noinline]] void lean() {
  fall("it leant too far");
  asm volatile("" ::: "memory");  // no tail call
}

struct Lean {
  using Reply = Done;
};
struct LeanLater {
  using Reply = Done;
};
struct LeanOnAnother {
  using Reply = Done;
};
struct LeanElsewhere {
  using Reply = Done;
};
struct List {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
};
using Api = Protocol<"tower", Lean, LeanLater, LeanOnAnother, LeanElsewhere, List>;
struct State {};

class Tower : public Entity<Api, State> {
 public:
  explicit Tower(std::shared_ptr<const bool> crumbles) {
    if (*crumbles) lean();
  }
  Task<Done> on(Lean) {
    lean();
    co_return Done{};
  }
  Task<Done> on(LeanLater) {
    co_await pause(1s);
    lean();
    co_return Done{};
  }
  Task<Done> on(LeanOnAnother) { co_return co_await helper(); }
  Task<Done> on(LeanElsewhere) {
    co_return co_await blocking([] {
      lean();
      return Done{};
    });
  }
  static std::vector<std::string> on(List, const Rows&) {
    lean();
    return {};
  }

 private:
  static Task<Done> helper() {
    co_await pause(1s);
    lean();
    co_return Done{};
  }
};

template <class M>
Task<Done> ask_one() {
  co_return co_await actor<Api>(Key("pisa")).template ask<M>();
}

constexpr auto no_hook = "the sanitizer of this build has the hook that tells of throws";

struct Stacks final : Reporter {
  std::vector<std::string> stacks;
  void crashed(const CrashReport& report) override {
    EXPECT_EQ(report.what, "it leant too far");
    stacks.push_back(loop::to_text(report.stack));
  }
  void trouble(std::string_view what) override { ADD_FAILURE() << what; }
};

class AStack : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    if (!loop::records_throws()) GTEST_SKIP() << no_hook;
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    engine.host(entity_type<Tower>(crumbles), &store);
    engine.start();
  }
  void TearDown() override { store.close(); }

  template <class T>
  void crash(Task<T> task) {
    EXPECT_FALSE(end_of(world, begin_request(engine, std::move(task))).ok());
  }
  static Task<std::vector<std::string>> listing() { co_return co_await directory<Api>().ask<List>(); }

  void expect_stack() const {
    ASSERT_EQ(reports.stacks.size(), 1U);
    EXPECT_THAT(reports.stacks.front(), HasSubstr("engine::towers::lean()+0x"));
  }

  std::shared_ptr<bool> crumbles = std::make_shared<bool>(false);
  loop::Simulation world{7, GetParam()};
  Stacks reports;
  ScriptedStore store{world.workers()};
  Engine engine{world, reports};
};

TEST_P(AStack, NamesWhatThrew) {
  crash(ask_one<Lean>());
  expect_stack();
}

TEST_P(AStack, NamesWhatThrewAfterAWait) {
  crash(ask_one<LeanLater>());
  expect_stack();
}

TEST_P(AStack, NamesWhatThrewInATaskThatTheHandlerAwaits) {
  crash(ask_one<LeanOnAnother>());
  expect_stack();
}

TEST_P(AStack, NamesWhatThrewInBlockingWork) {
  crash(ask_one<LeanElsewhere>());
  expect_stack();
}

TEST_P(AStack, NamesWhatThrewInAConstructor) {
  *crumbles = true;
  crash(ask_one<Lean>());
  expect_stack();
}

TEST_P(AStack, NamesWhatThrewInAListing) {
  crash(listing());
  expect_stack();
}

TEST(AStackOfAnotherThread, NamesWhatThrewThere) {
  if (!loop::records_throws()) GTEST_SKIP() << no_hook;
  loop::ThreadedLoops loops(1);
  Stacks reports;
  Engine engine(loops, reports);
  engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
  engine.host(entity_type<Tower>(std::make_shared<bool>(false)), nullptr);
  engine.start();
  std::promise<void> heard;
  loop::Loop& loop = engine.loop(0);
  loop.call([&] {
    engine.run(loop, {Shared<Origin>(new Origin(Principal{}, "")), loop.now() + 1h}, ask_one<LeanElsewhere>(),
               [&heard](const Outcome<Done>&) { heard.set_value(); });
  });
  heard.get_future().wait();
  engine.stop(0ms);
  ASSERT_EQ(reports.stacks.size(), 1U);
  EXPECT_THAT(reports.stacks.front(), HasSubstr("engine::towers::lean()+0x"));
}

INSTANTIATE_TEST_SUITE_P(Loops, AStack, ::testing::Values(1U, 2U));

}  // namespace troupe::engine::towers
