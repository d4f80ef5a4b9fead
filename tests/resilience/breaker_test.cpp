#include <troupe/resilience/breaker.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <vector>

namespace troupe::resilience {
namespace {

using namespace std::chrono_literals;
using Permit = Breaker::Permit;
using Change = Breaker::Change;
using State = Breaker::State;

constexpr Instant start{1h};
constexpr BreakerOptions three_in_ten{.failures = 3, .within = 10s, .open = 5s};

/// Three failures at `start`: open until five seconds later.
struct OpenBreaker : Breaker {
  OpenBreaker() : Breaker(three_in_ten) {
    EXPECT_EQ(failed(Permit::call, start), Change::none);
    EXPECT_EQ(failed(Permit::call, start), Change::none);
    EXPECT_EQ(failed(Permit::call, start), Change::opened);
  }
};

TEST(Breaker, LetsCallsPassWhileItIsClosed) {
  Breaker breaker(three_in_ten);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(breaker.admit(start), Permit::call);
}

TEST(Breaker, OpensAtTheLastOfItsFailures) {
  OpenBreaker breaker;
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.admit(start), Permit::refused);
  EXPECT_EQ(breaker.next_probe(), start + 5s);
}

TEST(Breaker, ForgetsFailuresOutsideItsWindow) {
  Breaker breaker(three_in_ten);
  EXPECT_EQ(breaker.failed(Permit::call, start), Change::none);
  EXPECT_EQ(breaker.failed(Permit::call, start + 6s), Change::none);
  EXPECT_EQ(breaker.failed(Permit::call, start + 11s), Change::none) << "the first is too long ago";
  EXPECT_EQ(breaker.failed(Permit::call, start + 16s), Change::opened) << "at the window's very edge";
}

TEST(Breaker, LetsOneProbePassWhenItsTimeHasCome) {
  OpenBreaker breaker;
  EXPECT_EQ(breaker.admit(start + 4999ms), Permit::refused);
  EXPECT_EQ(breaker.admit(start + 5s), Permit::probe);
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_EQ(breaker.admit(start + 5s), Permit::refused);
}

TEST(Breaker, ClosesWhenItsProbeSucceeds) {
  OpenBreaker breaker;
  const Permit probe = breaker.admit(start + 5s);
  EXPECT_EQ(breaker.succeeded(probe), Change::closed);
  EXPECT_EQ(breaker.admit(start + 5s), Permit::call);
  EXPECT_EQ(breaker.failed(Permit::call, start + 5s), Change::none) << "the failures before it are forgotten";
  EXPECT_EQ(breaker.failed(Permit::call, start + 5s), Change::none);
  EXPECT_EQ(breaker.failed(Permit::call, start + 5s), Change::opened);
}

TEST(Breaker, StaysOpenWhenItsProbeFails) {
  OpenBreaker breaker;
  const Permit probe = breaker.admit(start + 5s);
  EXPECT_EQ(breaker.failed(probe, start + 7s), Change::none);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.admit(start + 11s), Permit::refused);
  EXPECT_EQ(breaker.admit(start + 12s), Permit::probe);
}

TEST(Breaker, TakesCallsFromBeforeItOpenedForNothingNew) {
  OpenBreaker breaker;
  EXPECT_EQ(breaker.succeeded(Permit::call), Change::none);
  EXPECT_EQ(breaker.failed(Permit::call, start + 3s), Change::none);
  EXPECT_EQ(breaker.next_probe(), start + 5s);
  EXPECT_EQ(breaker.admit(start + 5s), Permit::probe);
  EXPECT_EQ(breaker.failed(Permit::call, start + 5s), Change::none);
  EXPECT_EQ(breaker.state(), State::half_open);
}

TEST(Breaker, ReplacesAProbeThatNeverEnds) {
  OpenBreaker breaker;
  EXPECT_EQ(breaker.admit(start + 5s), Permit::probe);
  EXPECT_EQ(breaker.admit(start + 9s), Permit::refused);
  EXPECT_EQ(breaker.admit(start + 10s), Permit::probe);
}

/// What the breaker is to do, said the slow way.
struct Model {
  std::vector<Instant> failures;
  std::optional<Instant> opened;  ///< or last probed, or last failed in a probe

  bool closed() const { return !opened; }
};

RC_GTEST_PROP(Breaker, DoesWhatItsModelDoes, (std::vector<std::uint8_t> steps)) {
  Breaker breaker(three_in_ten);
  Model model;
  Instant now = start;
  for (const std::uint8_t step : steps) {
    now += std::chrono::milliseconds(step / 4 * 50);
    const Permit permit = breaker.admit(now);
    if (model.closed()) {
      RC_ASSERT(permit == Permit::call);
    } else if (now < *model.opened + three_in_ten.open) {
      RC_ASSERT(permit == Permit::refused);
    } else {
      RC_ASSERT(permit == Permit::probe);
      model.opened = now;
    }
    if (permit == Permit::refused || step % 4 == 3) continue;  // also: a call that never ends
    if (step % 4 == 0) {
      breaker.succeeded(permit);
      if (permit == Permit::probe) model = {};
      continue;
    }
    breaker.failed(permit, now);
    if (permit == Permit::probe) {
      model.opened = now;
      continue;
    }
    model.failures.push_back(now);
    std::erase_if(model.failures, [&](Instant at) { return now - at > three_in_ten.within; });
    if (model.failures.size() < three_in_ten.failures) continue;
    model = {};
    model.opened = now;
  }
  RC_ASSERT((breaker.state() == State::closed) == model.closed());
}

}  // namespace
}  // namespace troupe::resilience
