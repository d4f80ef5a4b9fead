/// A supervisor of many dynamic children, by itself: what it costs to start each, to restart one beside all the others
/// and to stop all. The children are numbers, which start and end at once; actors come on top.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <stdexcept>

#include <troupe/supervision/supervisor.hpp>
#include "tests/bench/sample.hpp"

using namespace troupe::bench;
using namespace troupe::supervision;

namespace {

using Clock = std::chrono::steady_clock;

/// Carries out what a supervisor wants done, as the cheapest driver there can be.
class Driver {
 public:
  Driver() : supervisor_("bench", spec(), [] { return 0U; }) { handle(Start{}); }

  void start_child() { handle(request::StartDynamicChild{RequestId(++last_request_), last_request_}); }
  void child_fails(std::uint64_t ref) { handle(ChildExited{ChildRef(ref), ExitReason::killed()}); }
  void stop() { handle(Stop{ExitReason::shutdown()}); }

  std::size_t active() const { return supervisor_.count_children().active; }
  bool ended() const { return supervisor_.phase() == Supervisor::Phase::terminated; }

 private:
  static SupervisorSpec spec() {
    return {.flags = {.strategy = Strategy::simple_one_for_one, .intensity = 1'000'000},
            .children = {{.id = "child", .restart = Restart::transient}}};
  }

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
  std::uint64_t last_request_ = 0;
  std::uint64_t last_ref_ = 0;
};

double nanoseconds_each(std::uint64_t count, const auto& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(count);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t children = 100'000;
  constexpr std::uint64_t restarts = 1'000;
  CLI::App app("Measures a supervisor of many children.");
  app.add_option("--children", children);
  CLI11_PARSE(app, argc, argv);
  Driver driver;
  const double start = nanoseconds_each(children, [&] {
    for (std::uint64_t i = 0; i < children; ++i) driver.start_child();
  });
  const double restart = nanoseconds_each(restarts, [&] {
    for (std::uint64_t i = 0; i < restarts; ++i) driver.child_fails(i + 1);
  });
  if (driver.active() != children) throw std::runtime_error("a child is missing");
  const double stop = nanoseconds_each(children, [&] { driver.stop(); });
  if (!driver.ended()) throw std::runtime_error("the supervisor has not ended");
  print_sample({"start", start, "ns"});
  print_sample({"restart", restart, "ns"});
  print_sample({"stop", stop, "ns"});
}
