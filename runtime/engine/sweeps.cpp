#include <troupe/engine/sweeps.hpp>

#include <stdexcept>
#include <utility>

#include <troupe/engine/detail/exception_text.hpp>

namespace troupe::engine {

namespace {

constexpr auto sweep_deadline = std::chrono::seconds(60);

}  // namespace

struct Sweeps::Runner : loop::Timer {
  Sweeps& sweeps;
  Domain::Sweep sweep;

  Runner(Sweeps& sweeps, Domain::Sweep sweep) : loop::Timer(&Runner::due), sweeps(sweeps), sweep(std::move(sweep)) {}

  loop::Loop& loop() const { return sweeps.loop_; }

  void run() {
    if (sweeps.stopping_.load(std::memory_order_relaxed)) return;
    RootOptions options{Shared<Origin>(new Origin(Principal::of_node(sweeps.node_), {})),
                        loop().now() + sweep_deadline};
    Task<Done> work;
    try {
      work = sweep.run();
    } catch (...) {
      return ended(Failure::unknown(failure_code::actor_crashed, text_of(std::current_exception())));
    }
    sweeps.engine_.run(loop(), std::move(options), std::move(work), [this](Outcome<Done> outcome) { ended(outcome); });
  }

  void ended(const Outcome<Done>& outcome) {
    if (!outcome.ok()) sweeps.on_failure_(sweep.name, outcome.failure());
    loop().start_timer(*this, loop().now() + sweep.every);
  }

  static void due(loop::Timer& timer) { static_cast<Runner&>(timer).run(); }
};

Sweeps::Sweeps(Engine& engine, std::string node, OnFailure on_failure)
    : engine_(engine), loop_(engine.loop(0)), node_(std::move(node)), on_failure_(std::move(on_failure)) {}

Sweeps::~Sweeps() {
  for (auto& runner : runners_) loop_.cancel_timer(*runner);
}

void Sweeps::add(Domain::Sweep sweep) {
  const Host* host = engine_.find_host(sweep.protocol->name);
  if (!host) throw std::logic_error("the sweep " + sweep.name + " is of a protocol that the engine does not know");
  if (host->owns_any()) runners_.push_back(std::make_unique<Runner>(*this, std::move(sweep)));
}

void Sweeps::start() {
  for (auto& runner : runners_) loop_.call([&runner = *runner] { runner.run(); });
}

}  // namespace troupe::engine
