#include <troupe/engine/detail/outbox_relay.hpp>

#include <atomic>
#include <utility>

#include <troupe/engine/detail/outbox.hpp>

namespace troupe::engine {

using supervision::ExitReason;

OutboxRelay::~OutboxRelay() {
  Engine::Relay& relay = engine_.relays_[domain_];
  if (relay.living == this) relay.living = nullptr;
}

void OutboxRelay::start(Told told) {
  told_ = std::move(told);
  Engine::Relay& relay = engine_.relays_[domain_];
  relay.living = this;
  // At first nothing is held up.
  if (std::exchange(relay.has_ended, false)) {
    for (std::size_t i = 0; i < engine_.loop_count(); ++i) {
      LoopState& state = engine_.state_of(engine_.loop(i));
      state.loop.call([&state, domain = domain_] { state.outbox->release(domain); });
    }
  }
  told_.started();
}

void OutboxRelay::exit(ExitSignal signal) {
  end(signal == ExitSignal::kill ? ExitReason::killed() : ExitReason::shutdown());
}

void OutboxRelay::crashed(std::string_view what) { end(ExitReason::error(std::string(what))); }

void OutboxRelay::end(ExitReason reason) {
  if (std::exchange(phase_, Phase::ending) == Phase::ending) return;
  engine_.relays_[domain_].has_ended = true;
  struct Rest {
    std::atomic<std::size_t> loops;
    std::function<void(ExitReason)> ended;
    ExitReason reason;
  };
  auto rest = std::make_shared<Rest>(engine_.loop_count(), std::move(told_.ended), std::move(reason));
  for (std::size_t i = 0; i < engine_.loop_count(); ++i) {
    LoopState& state = engine_.state_of(engine_.loop(i));
    state.loop.call([&state, domain = domain_, rest] {
      state.outbox->hold(domain);
      if (rest->loops.fetch_sub(1, std::memory_order_acq_rel) == 1) rest->ended(std::move(rest->reason));
    });
  }
}

void Engine::relay_crashed(const std::string& domain, std::string what) {
  loop(0).call([this, domain, what = std::move(what)] {
    if (const Relay& relay = relays_[domain]; relay.living) relay.living->crashed(what);
  });
}

}  // namespace troupe::engine
