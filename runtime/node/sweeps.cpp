#include "runtime/node/sweeps.hpp"

#include <utility>

namespace troupe::node {

namespace {

constexpr auto sweep_deadline = std::chrono::seconds(60);

}  // namespace

struct Sweeps::Runner : engine::Timer {
  Sweeps& sweeps;
  Domain::Sweep sweep;

  Runner(Sweeps& sweeps, Domain::Sweep sweep) : Timer(&Runner::due), sweeps(sweeps), sweep(std::move(sweep)) {}

  engine::Loop& loop() const { return sweeps.engine_.loop(0); }

  void run() {
    if (sweeps.stopping_.load(std::memory_order_relaxed)) return;
    engine::RootOptions options{Shared<Origin>(new Origin(Principal::of_node(sweeps.node_), {})),
                                loop().now() + sweep_deadline};
    sweeps.engine_.run(loop(), std::move(options), sweep.run(), [this](Outcome<Done> outcome) { ended(outcome); });
  }

  void ended(const Outcome<Done>& outcome) {
    if (!outcome.ok()) {
      sweeps.log_.warning(
          "a sweep failed; it is tried again",
          {{"sweep", sweep.name}, {"code", outcome.failure().code}, {"detail", outcome.failure().detail}});
    }
    loop().start_timer(*this, loop().now() + sweep.every);
  }

  static void due(Timer& timer) { static_cast<Runner&>(timer).run(); }
};

Sweeps::Sweeps(engine::Engine& engine, std::string node, observe::Log log)
    : engine_(engine), node_(std::move(node)), log_(std::move(log)) {}

Sweeps::~Sweeps() {
  for (auto& runner : runners_) engine_.loop(0).cancel_timer(*runner);
}

void Sweeps::add(Domain::Sweep sweep) { runners_.push_back(std::make_unique<Runner>(*this, std::move(sweep))); }

void Sweeps::start() {
  for (auto& runner : runners_) {
    engine_.loop(0).call([&runner = *runner] { runner.run(); });
  }
}

}  // namespace troupe::node
