/// Asks between two entities of two processes on loopback, through everything that a call between nodes is: engine,
/// routing, msgpack, links. One process serves, the other asks.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include <troupe/cluster/router.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/transport/links.hpp>
#include <troupe/transport/socket_network.hpp>
#include "tests/bench/asking.hpp"
#include "tests/bench/process_usage.hpp"
#include "tests/bench/sample.hpp"
#include "tests/process/child_process.hpp"

using namespace troupe::bench;

namespace {

using troupe::Done;
using troupe::Task;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours patience{1};
constexpr std::chrono::seconds start_limit{10};

struct LinkTrouble final : troupe::cluster::LinkReporter {
  void link_up(std::string_view) override {}
  void link_down(std::string_view, std::string_view) override {}
  void link_silent(std::string_view) override {}
  void link_refused(std::string_view peer, std::string_view why) override { std::cerr << peer << ": " << why << '\n'; }
  void caller_refused(std::string_view peer, std::string_view why) override { link_refused(peer, why); }
};

/// One end: the replier lives on the node "server", the asker on the node "client". One loop each.
class End {
 public:
  explicit End(const std::string& name) : name_(name), engine_(loops_, reporter_) {
    const troupe::engine::HostOptions options{.idle = std::chrono::hours(24)};
    if (is_server()) {
      engine_.host(troupe::entity_type<replier::Replier>(), nullptr, options);
    } else {
      engine_.host(troupe::entity_type<asker::Asker>(), nullptr, options);
      engine_.know(troupe::protocol_info<replier::Api>, options);
    }
    const troupe::cluster::Placement placement{"replier", std::vector<std::string>(options.shards, "server")};
    router_ = std::make_unique<troupe::cluster::Router>(engine_, name, std::vector{placement}, trouble_);
    troupe::transport::Self self;
    self.identity = {troupe::transport::Role::node, name, 1, troupe::Uuid{1, is_server() ? 1U : 2U}};
    self.cluster = "bench";
    links_ = std::make_unique<troupe::transport::Links>(std::vector<troupe::loop::Loop*>{&loops_.loop(0)}, network_,
                                                        std::move(self), *router_);
  }
  ~End() { engine_.stop(std::chrono::seconds(1)); }
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  std::string listen() {
    links_->listen("127.0.0.1:0");
    return links_->address();
  }
  void reach(const std::string& server) { links_->add_peer("server", server); }
  void start() {
    router_->connect(*links_);
    engine_.start();
  }

  /// Runs a coroutine to its end. Errors: throws when it does not succeed.
  void run(Task<Done> task) {
    std::promise<bool> ended;
    auto& loop = engine_.loop(0);
    loop.call([this, &loop, &ended, task = std::move(task)]() mutable {
      troupe::Shared<troupe::Origin> origin(new troupe::Origin(troupe::Principal::of_node("bench"), ""));
      engine_.run(loop, {std::move(origin), loop.now() + patience}, std::move(task),
                  [&ended](const troupe::Outcome<Done>& outcome) {
                    if (!outcome.ok()) std::cerr << outcome.failure().code << ' ' << outcome.failure().detail << '\n';
                    ended.set_value(outcome.ok());
                  });
    });
    if (!ended.get_future().get()) throw std::runtime_error("a call failed");
  }

 private:
  bool is_server() const { return name_ == "server"; }

  std::string name_;
  troupe::loop::ThreadedLoops loops_{1};
  ErrorReporter reporter_;
  LinkTrouble trouble_;
  troupe::transport::SocketNetwork network_{loops_};
  std::unique_ptr<troupe::cluster::Router> router_;
  std::unique_ptr<troupe::transport::Links> links_;
  troupe::engine::Engine engine_;
};

const replier::ReplierId the_replier{{1, 7}};
constexpr std::uint64_t most_askers = 8;

/// Several askers share the calls, so that one of them waiting for its round does not leave the line idle.
Task<Done> ask_to_run(std::uint64_t calls, std::uint64_t in_flight) {
  const std::uint64_t askers = std::min(most_askers, in_flight);
  std::vector<troupe::Ask<asker::Run>> runs;
  for (std::uint64_t i = 0; i < askers; ++i) {
    const auto who = troupe::actor<asker::Api>(troupe::Uuid{2, i});
    runs.push_back(who.ask<asker::Run>(the_replier, calls / askers, in_flight / askers));
  }
  static_cast<void>(co_await troupe::all(std::move(runs)));
  co_return Done{};
}

/// Each call by itself, for its median.
Task<Done> ask_one_by_one(std::uint64_t calls, std::vector<double>* each_us) {
  const auto who = troupe::actor<replier::Api>(the_replier);
  for (std::uint64_t i = 0; i < calls; ++i) {
    const auto begin = Clock::now();
    co_await who.ask<replier::Next>(i);
    each_us->push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  co_return Done{};
}

void serve() {
  End server("server");
  const std::string address = server.listen();
  server.start();
  std::cout << "link " << address << std::endl;
  pause();
}

void measure(const std::string& program, std::uint64_t calls) {
  troupe::process::ChildProcess server({.arguments = {program, "serve"}});
  End client("client");
  client.reach(server.require_line("link ", start_limit).substr(5));
  client.start();
  client.run(ask_to_run(1000, 1));
  std::vector<double> each_us;
  client.run(ask_one_by_one(calls / 20 + 1, &each_us));
  std::ranges::sort(each_us);
  print_sample({"remote_p50_1", each_us[each_us.size() / 2], "us"});
  for (const std::uint64_t in_flight : {64, 512}) {
    const std::uint64_t whole_rounds = std::max<std::uint64_t>(calls / in_flight, 1) * in_flight;
    const auto cpu = process_tree_cpu(getpid());  // the server is a child of this process
    const auto begin = Clock::now();
    client.run(ask_to_run(whole_rounds, in_flight));
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    const std::chrono::duration<double, std::micro> used = process_tree_cpu(getpid()) - cpu;
    const std::string suffix = '_' + std::to_string(in_flight);
    print_sample({"remote_rate" + suffix, static_cast<double>(whole_rounds) / elapsed.count(), "1/s"});
    print_sample({"remote_cpu" + suffix, used.count() / static_cast<double>(whole_rounds), "us"});
  }
  server.stop(std::chrono::seconds(1));
}

}  // namespace

int main(int argc, char** argv) try {
  std::uint64_t calls = 1'000'000;
  CLI::App options("Measures asks between entities of two processes on loopback.");
  options.add_option("--calls", calls)->check(CLI::PositiveNumber);
  CLI::App* serving = options.add_subcommand("serve", "the other end");
  CLI11_PARSE(options, argc, argv);
  if (serving->parsed()) {
    serve();
  } else {
    measure(argv[0], calls);
  }
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
