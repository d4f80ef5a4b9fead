#include "runtime/testing/detail/sweep_runner.hpp"

#include <utility>

namespace troupe::testing::detail {

namespace {

constexpr auto sweep_deadline = std::chrono::seconds(60);

}  // namespace

SweepRunner::SweepRunner(engine::Engine& engine, Domain::Sweep sweep, OnFailure on_failure)
    : Timer([](Timer& timer) { static_cast<SweepRunner&>(timer).run(); }),
      engine_(engine),
      loop_(engine.loop(0)),
      sweep_(std::move(sweep)),
      on_failure_(std::move(on_failure)) {}

void SweepRunner::start() {
  loop_.call([this] { run(); });
}

void SweepRunner::run() {
  engine::RootOptions options{Shared<Origin>(new Origin(Principal::of_node("test"), {})), loop_.now() + sweep_deadline};
  engine_.run(loop_, std::move(options), sweep_.run(), [this](const Outcome<Done>& outcome) { ended(outcome); });
}

void SweepRunner::ended(const Outcome<Done>& outcome) {
  if (!outcome.ok()) on_failure_(sweep_.name, outcome.failure());
  loop_.start_timer(*this, loop_.now() + sweep_.every);
}

}  // namespace troupe::testing::detail
