/// CAF as it comes: two event-based actors that ask each other by `request(...).then(...)`, and the memory of an idle
/// actor.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <future>

#include "tests/bench/process_usage.hpp"
#include "tests/bench/sample.hpp"

using namespace troupe::bench;

namespace {

using Clock = std::chrono::steady_clock;

caf::behavior replier() {
  return {[](std::uint64_t number) { return number + 1; }};
}

/// Keeps `in_flight` requests open until `calls` have been answered, then fulfils the promise.
class Asker : public caf::event_based_actor {
 public:
  Asker(caf::actor_config& config, caf::actor replier, std::uint64_t calls, std::uint64_t in_flight,
        std::promise<void>& finished)
      : event_based_actor(config),
        replier_(std::move(replier)),
        calls_(calls),
        in_flight_(in_flight),
        finished_(finished) {}

  caf::behavior make_behavior() override {
    return {[this](caf::ok_atom) {
      for (std::uint64_t i = 0; i < in_flight_; ++i) ask();
    }};
  }

 private:
  void ask() {
    ++asked_;
    request(replier_, caf::infinite, asked_)
        .then(
            [this](std::uint64_t) {
              if (++answered_ == calls_) {
                finished_.set_value();
                quit();
              } else if (asked_ < calls_) {
                ask();
              }
            },
            [this](const caf::error& error) { quit(error); });
  }

  caf::actor replier_;
  std::uint64_t calls_;
  std::uint64_t in_flight_;
  std::promise<void>& finished_;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
};

double nanoseconds_per_call(caf::actor_system& system, std::uint64_t calls, std::uint64_t in_flight) {
  std::promise<void> finished;
  const caf::actor target = system.spawn(replier);
  const caf::actor asker = system.spawn<Asker>(target, calls, in_flight, finished);
  const Clock::time_point begin = Clock::now();
  caf::anon_send(asker, caf::ok_atom::value);
  finished.get_future().wait();
  const std::chrono::duration<double, std::nano> elapsed = Clock::now() - begin;
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  return elapsed.count() / static_cast<double>(calls);
}

struct Scheduler {
  std::string name;
  std::string policy;
  std::size_t workers;
};

void measure_asks(std::uint64_t calls) {
  const Scheduler schedulers[] = {{"one_worker", "stealing", 1}, {"default", "stealing", 0}, {"sharing", "sharing", 2}};
  for (const Scheduler& scheduler : schedulers) {
    caf::actor_system_config config;
    config.set("scheduler.policy", caf::atom_from_string(scheduler.policy));
    if (scheduler.workers > 0) config.set("scheduler.max-threads", scheduler.workers);
    caf::actor_system system{config};
    nanoseconds_per_call(system, calls / 10 + 1, 100);
    print_sample({scheduler.name + "_1", nanoseconds_per_call(system, calls, 1), "ns"});
    print_sample({scheduler.name + "_100", nanoseconds_per_call(system, calls, 100), "ns"});
  }
}

void measure_memory(std::size_t actors) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  std::vector<caf::actor> idle;
  idle.reserve(actors);
  const std::uint64_t before = process_resident_bytes(getpid());
  for (std::size_t i = 0; i < actors; ++i) idle.push_back(system.spawn<caf::lazy_init>(replier));
  const std::uint64_t after = process_resident_bytes(getpid());
  print_sample({"idle_actor", static_cast<double>(after - before) / static_cast<double>(actors), "bytes"});
  print_sample({"resident", static_cast<double>(after) / 1e6, "MB"});
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t calls = 1'000'000;
  std::size_t actors = 1'000'000;
  CLI::App options("Measures CAF's request/then and the memory of its actors.");
  options.require_subcommand(1);
  CLI::App* ask = options.add_subcommand("ask", "request/then between two actors, ns a call");
  ask->add_option("--calls", calls)->check(CLI::PositiveNumber);
  CLI::App* memory = options.add_subcommand("memory", "resident bytes of an idle actor");
  memory->add_option("--actors", actors)->check(CLI::PositiveNumber);
  CLI11_PARSE(options, argc, argv);
  if (ask->parsed()) measure_asks(calls);
  if (memory->parsed()) measure_memory(actors);
}
