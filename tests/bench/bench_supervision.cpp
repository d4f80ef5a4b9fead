/// A supervisor of many dynamic children: what it costs to start each, to restart one beside all the others and to stop
/// all. By itself its children are numbers, which start and end at once; with --actors they are what workers are.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include <troupe/engine/caf/actor_system.hpp>
#include <troupe/supervision/supervisor.hpp>
#include "tests/bench/sample.hpp"

using namespace troupe::bench;
using namespace troupe::supervision;

namespace {

using Clock = std::chrono::steady_clock;

SupervisorSpec spec(std::any start = {}) {
  return {.flags = {.strategy = Strategy::simple_one_for_one, .intensity = 1'000'000},
          .children = {{.id = "child", .start = std::move(start), .restart = Restart::transient}}};
}

/// Carries out what a supervisor wants done, as the cheapest driver there can be.
class Numbers {
 public:
  explicit Numbers(std::uint64_t) : supervisor_("bench", spec(), [] { return 0U; }) { handle(Start{}); }

  void start_children(std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) handle(request::StartDynamicChild{RequestId(i), i});
  }
  /// Ends the first so many and has them restarted, one after the other.
  void restart_children(std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) handle(ChildExited{ChildRef(i), ExitReason::killed()});
  }
  void stop() {
    handle(Stop{ExitReason::shutdown()});
    if (supervisor_.phase() != Supervisor::Phase::terminated) throw std::runtime_error("the supervisor has not ended");
  }
  std::size_t active() const { return supervisor_.count_children().active; }

 private:
  void handle(Event first) {
    events_.push_back(std::move(first));
    while (!events_.empty()) {
      Event event = std::move(events_.front());
      events_.pop_front();
      for (const Command& command : supervisor_.handle(std::move(event), Clock::now())) {
        if (const auto* start = std::get_if<command::StartChild>(&command)) {
          events_.emplace_back(ChildStarted{start->attempt, ChildRef(++last_ref_)});
        } else if (const auto* exit = std::get_if<command::ExitChild>(&command)) {
          events_.emplace_back(ChildExited{exit->ref, ExitReason::shutdown()});
        }
      }
    }
  }

  Supervisor supervisor_;
  std::deque<Event> events_;
  std::uint64_t last_ref_ = 0;
};

/// Actors of the engine on a loop's thread; like its peer, it starts a child when the one before is up.
class Actors {
 public:
  explicit Actors(std::uint64_t count) {
    lives_.reserve(2 * count);
    const troupe::engine::LeafSpec leaf{.loop = 0,
                                        .make = [this](troupe::loop::Loop&) { return std::make_unique<Life>(*this); }};
    actors_.start_tree(
        spec(leaf), "bench",
        {.report = [](const Report&) {}, .started = [] {}, .ended = [this](const ExitReason&) { ended_.set_value(); }});
    loops_.start();
  }
  ~Actors() {
    loops_.stop();
    actors_.refuse();
    loops_.drop_jobs();
  }
  Actors(const Actors&) = delete;
  Actors& operator=(const Actors&) = delete;

  void start_children(std::uint64_t count) {
    run(count, [this](std::uint64_t number) {
      actors_.request("", request::StartDynamicChild{RequestId(number + 1), number});
    });
  }
  void restart_children(std::uint64_t count) {
    run(count, [this](std::uint64_t number) { lives_[number]->ended(ExitReason::killed()); });
  }
  void stop() {
    actors_.stop_tree();
    ended_.get_future().wait();
  }
  std::size_t active() const { return active_; }

 private:
  struct Life final : troupe::engine::Leaf {
    explicit Life(Actors& actors) : actors(actors) {}
    ~Life() override { --actors.active_; }
    void start(Told told) override {
      ended = std::move(told.ended);
      actors.lives_.push_back(this);
      ++actors.active_;
      told.started();
      actors.is_up();
    }
    void exit(troupe::engine::ExitSignal) override { ended(ExitReason::shutdown()); }

    Actors& actors;
    std::function<void(ExitReason)> ended;
  };

  /// Does something that brings a child up, `count` times, each when the child before is.
  void run(std::uint64_t count, std::function<void(std::uint64_t number)> step) {
    std::promise<void> done;
    loops_.loop(0).call([&] {
      left_ = count;
      done_ = &done;
      step_ = std::move(step);
      begin_step();
    });
    done.get_future().wait();
  }
  void begin_step() { step_(next_++); }
  void is_up() {
    if (--left_ > 0) return loops_.loop(0).call([this] { begin_step(); });
    next_ = 0;
    done_->set_value();
  }

  troupe::loop::ThreadedLoops loops_{1};
  troupe::engine::ActorSystem actors_{loops_};
  std::promise<void> ended_;
  std::vector<Life*> lives_;
  std::size_t active_ = 0;
  std::function<void(std::uint64_t)> step_;
  std::uint64_t left_ = 0;
  std::uint64_t next_ = 0;
  std::promise<void>* done_ = nullptr;
};

double nanoseconds_each(std::uint64_t count, const auto& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(count);
}

template <class Children>
void measure(std::uint64_t count) {
  constexpr std::uint64_t restarts = 1'000;
  Children children(count);
  print_sample({"start", nanoseconds_each(count, [&] { children.start_children(count); }), "ns"});
  print_sample({"restart", nanoseconds_each(restarts, [&] { children.restart_children(restarts); }), "ns"});
  if (children.active() != count) throw std::runtime_error("a child is missing");
  print_sample({"stop", nanoseconds_each(count, [&] { children.stop(); }), "ns"});
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t children = 100'000;
  CLI::App app("Measures a supervisor of many children.");
  app.add_option("--children", children)->check(CLI::Range(1'000, 10'000'000));
  bool actors = false;
  app.add_flag("--actors", actors, "children are workers of the engine");
  CLI11_PARSE(app, argc, argv);
  actors ? measure<Actors>(children) : measure<Numbers>(children);
}
