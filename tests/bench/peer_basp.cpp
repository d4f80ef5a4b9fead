/// CAF between two processes, as it comes: an event-based actor asks another, which its middleman reaches over BASP, by
/// `request(...).then(...)`.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <chrono>
#include <future>
#include <iostream>
#include <stdexcept>

#include "tests/bench/call_rates.hpp"
#include "tests/process/child_process.hpp"

using namespace troupe::bench;

namespace {

constexpr std::chrono::seconds ready_limit{10};
const std::string ready_line = "ready basp=";

class Config : public caf::actor_system_config {
 public:
  Config() { load<caf::io::middleman>(); }
};

caf::behavior replier() {
  return {[](std::uint64_t number) { return number + 1; }};
}

/// Makes the calls of one stretch, then fulfils the promise.
class Asker : public caf::event_based_actor {
 public:
  Asker(caf::actor_config& config, caf::actor replier, CallRun& run, std::promise<void>& finished)
      : event_based_actor(config), replier_(std::move(replier)), run_(run), finished_(finished) {}

  caf::behavior make_behavior() override {
    return {[this](caf::ok_atom) {
      for (std::uint64_t i = 0; i < run_.in_flight(); ++i) ask();
    }};
  }

 private:
  void ask() {
    if (!run_.start()) return;
    request(replier_, caf::infinite, ++asked_)
        .then(
            [this](std::uint64_t) {
              run_.end();
              ask();
              if (run_.over()) finish();
            },
            [this](const caf::error& error) { fail(error); });
  }
  void finish() {
    finished_.set_value();
    quit();
  }
  void fail(const caf::error& error) {
    finished_.set_exception(std::make_exception_ptr(std::runtime_error(home_system().render(error))));
    quit(error);
  }

  caf::actor replier_;
  CallRun& run_;
  std::promise<void>& finished_;
  std::uint64_t asked_ = 0;
};

void serve() {
  Config config;
  caf::actor_system system{config};
  const auto port = system.middleman().publish(system.spawn(replier), 0, "127.0.0.1");
  if (!port) throw std::runtime_error(system.render(port.error()));
  std::cout << ready_line << *port << std::endl;
  pause();
}

void measure(const std::string& program, double seconds) {
  troupe::process::ChildProcess server({.arguments = {program, "serve"}});
  const std::string ready = server.require_line(ready_line, ready_limit);
  const auto port = static_cast<std::uint16_t>(std::stoul(ready.substr(ready_line.size())));
  Config config;
  caf::actor_system system{config};
  const auto target = system.middleman().remote_actor("127.0.0.1", port);
  if (!target) throw std::runtime_error(system.render(target.error()));
  measure_calls(server.pid(), std::chrono::duration<double>(seconds), [&](CallRun& run) {
    std::promise<void> finished;
    caf::anon_send(system.spawn<Asker>(*target, run, finished), caf::ok_atom::value);
    finished.get_future().get();
  });
}

}  // namespace

int main(int argc, char** argv) try {
  double seconds = 2;
  CLI::App options("Measures CAF's request/then between two processes on loopback.");
  options.add_option("--seconds", seconds, "of each measurement")->check(CLI::PositiveNumber);
  CLI::App* serving = options.add_subcommand("serve", "the other end");
  CLI11_PARSE(options, argc, argv);
  if (serving->parsed()) {
    serve();
  } else {
    measure(argv[0], seconds);
  }
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
