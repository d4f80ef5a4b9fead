#include <troupe/node/detail/start_hooks.hpp>

#include <future>
#include <utility>

#include <troupe/loop/clock.hpp>

namespace troupe::node {

namespace {

constexpr auto pause = std::chrono::milliseconds(50);

/// A hook need not be a coroutine: what it throws at once is its crash as well.
Task<Done> perform(Application::OnStart hook, std::shared_ptr<const Services> services) {
  co_return co_await hook(std::move(services));
}

}  // namespace

StartHooks::StartHooks(engine::Engine& engine, loop::ThreadedLoops& loops, std::string node,
                       std::shared_ptr<const Services> services, std::function<bool()> stop_wanted, observe::Log log,
                       Duration patience)
    : engine_(engine),
      loops_(loops),
      node_(std::move(node)),
      services_(std::move(services)),
      stop_wanted_(std::move(stop_wanted)),
      log_(std::move(log)),
      patience_(patience) {}

void StartHooks::run(const std::vector<Application::OnStart>& hooks, Repetition repetition) {
  for (const auto& hook : hooks) {
    Outcome<Done> outcome = run_to_end(hook);
    std::string told;
    while (!outcome.ok() && !outcome.rejected() && repetition == Repetition::until_others_answer) {
      const Failure& failure = outcome.failure();
      if (std::exchange(told, failure.code) != failure.code) {
        log_.warning("the start waits for other nodes", {{"code", failure.code}, {"detail", failure.detail}});
      }
      loops_.run_until(stop_wanted_, pause);
      go_on_if_wanted();
      outcome = run_to_end(hook);
    }
    if (outcome.ok()) continue;
    if (outcome.rejected("invalid")) throw std::invalid_argument(outcome.failure().detail + '\n');
    throw std::runtime_error("the start failed: " + outcome.failure().code + ' ' + outcome.failure().detail);
  }
}

Outcome<Done> StartHooks::run_to_end(const Application::OnStart& hook) {
  // Outlives this call where the start is interrupted.
  const auto ended = std::make_shared<std::promise<Outcome<Done>>>();
  auto outcome = ended->get_future();
  const Instant deadline = loop::system_clock().monotonic() + patience_;
  loop::Loop& loop = loops_.loop(0);
  loop.call([this, ended, deadline, &hook, &loop] {
    engine::RootOptions options{Shared<Origin>(new Origin(Principal::of_node(node_), {})), deadline};
    engine_.run(loop, std::move(options), perform(hook, services_),
                [ended](Outcome<Done> result) { ended->set_value(std::move(result)); });
  });
  while (outcome.wait_for(pause) != std::future_status::ready) go_on_if_wanted();
  return outcome.get();
}

void StartHooks::go_on_if_wanted() const {
  if (stop_wanted_()) throw StartInterrupted();
}

}  // namespace troupe::node
