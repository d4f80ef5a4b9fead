#include <troupe/node/detail/start_hooks.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include <troupe/loop/loop_driver.hpp>

namespace troupe::node {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Reports final : engine::Reporter {
  void crashed(const engine::CrashReport&) override {}
  void trouble(std::string_view) override {}
};

class Starting : public ::testing::Test {
 protected:
  using Repetition = StartHooks::Repetition;

  Starting() { engine_.start(); }
  ~Starting() override { engine_.stop(milliseconds(1000)); }

  /// What became of a start whose hook fails so often before it succeeds; empty: it came about.
  std::string start(int failures, Repetition repetition) {
    return start([this, failures](std::shared_ptr<const Services>) { return ++tries_ > failures ? fine() : fail(); },
                 repetition);
  }
  std::string start(const Application::OnStart& hook, Repetition repetition) {
    try {
      StartHooks(
          engine_, loops_, "edge", nullptr, [this] { return tries_ >= stop_at_; }, log_, milliseconds(100))
          .run({hook}, repetition);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  static Task<Done> fine() { co_return Done{}; }
  static Task<Done> fail() {
    throw std::runtime_error("not yet");
    co_return Done{};
  }

  std::vector<std::string> lines_;
  observe::Log log_ =
      observe::Log::immediate([this](std::string_view line) { lines_.emplace_back(line); },
                              {"edge", observe::Level::info, observe::LogFormat::json, [] { return Time{}; }});
  loop::ThreadedLoops loops_{1};
  Reports reports_;
  engine::Engine engine_{loops_, reports_};
  std::atomic<int> tries_ = 0;
  int stop_at_ = 100;
};

TEST_F(Starting, WaitsForOtherNodesLongerThanOneTryMayTake) {
  EXPECT_EQ(start(4, Repetition::until_others_answer), "");
  EXPECT_EQ(tries_, 5);
  ASSERT_THAT(lines_, SizeIs(1)) << "it is told once";
  EXPECT_THAT(lines_[0], HasSubstr("the start waits for other nodes"));
}

TEST_F(Starting, EndsWhenItIsWantedNoMore) {
  stop_at_ = 3;
  EXPECT_THAT(start(100, Repetition::until_others_answer), HasSubstr("was stopped before it was ready"));
}

TEST_F(Starting, FailsWhereAHookThrowsBeforeItIsACoroutine) {
  const auto hook = [](std::shared_ptr<const Services>) -> Task<Done> { throw std::runtime_error("not today"); };
  EXPECT_THAT(start(hook, Repetition::none), HasSubstr("the start failed: actor_crashed"));
  EXPECT_EQ(start(0, Repetition::none), "") << "the loop goes on";
}

TEST_F(Starting, FailsAtOnceWhereThereIsNobodyToWaitFor) {
  EXPECT_THAT(start(1, Repetition::none), HasSubstr("the start failed: "));
  EXPECT_EQ(tries_, 1);
}

}  // namespace
}  // namespace troupe::node
