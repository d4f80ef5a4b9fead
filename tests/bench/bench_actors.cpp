/// Troupe as it comes: two entities that ask each other on one loop and across two, many beside one that floods its
/// loop, and the memory of an idle entity.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include <troupe/engine/engine.hpp>
#include "tests/bench/asking.hpp"
#include "tests/bench/process_usage.hpp"
#include "tests/bench/sample.hpp"

using namespace troupe::bench;

namespace {

using troupe::Done;
using troupe::Key;
using troupe::Task;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t shards = 64;
constexpr std::chrono::hours patience{1};

/// The real engine on real threads, with entities in memory only.
class Node {
 public:
  explicit Node(std::size_t loops) : loops_(loops), engine_(loops_, reporter_) {
    const troupe::engine::HostOptions options{.shards = shards, .idle = std::chrono::hours(24)};
    engine_.host(troupe::entity_type<replier::Replier>(), nullptr, options);
    engine_.host(troupe::entity_type<asker::Asker>(), nullptr, options);
    engine_.host(troupe::entity_type<flooder::Flooder>(), nullptr, options);
    engine_.start();
  }
  ~Node() { engine_.stop(std::chrono::seconds(5)); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The `number`th key that lives on a loop.
  Key key_on(std::size_t loop, std::uint64_t number = 0) const {
    for (std::uint64_t i = 0;; ++i) {
      const Key key{troupe::Uuid{1, i}};
      if (key.shard_hash() % shards % loops_.size() == loop && number-- == 0) return key;
    }
  }

  /// Runs a coroutine on a loop; the future tells whether it has succeeded.
  std::future<bool> begin(std::size_t index, Task<Done> task) {
    const auto ended = std::make_shared<std::promise<bool>>();
    auto& loop = engine_.loop(index);
    loop.call([this, &loop, ended, task = std::move(task)]() mutable {
      troupe::Shared<troupe::Origin> origin(new troupe::Origin(troupe::Principal::of_node("bench"), ""));
      engine_.run(loop, {std::move(origin), loop.now() + patience}, std::move(task),
                  [ended](const troupe::Outcome<Done>& outcome) { ended->set_value(outcome.ok()); });
    });
    return ended->get_future();
  }
  /// Runs it to its end. Errors: throws when it does not succeed.
  void run(std::size_t index, Task<Done> task) {
    if (!begin(index, std::move(task)).get()) throw std::runtime_error("a call failed");
  }

  std::uint64_t residents() const {
    std::uint64_t sum = 0;
    for (const auto& host : engine_.hosts()) {
      for (const auto& shard : host->shards()) sum += shard->counters().activations.load();
    }
    return sum;
  }

 private:
  troupe::loop::ThreadedLoops loops_;
  ErrorReporter reporter_;
  troupe::engine::Engine engine_;
};

Task<Done> ask_to_run(Key asker, replier::ReplierId replier, std::uint64_t calls, std::uint64_t in_flight) {
  const auto who = troupe::actor<asker::Api>(std::move(asker));
  co_return co_await who.ask<asker::Run>(replier, calls, in_flight);
}

/// Numbered as a business numbers its entities; touches each once, so that each is resident.
Task<Done> wake_all(std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t i = first; i < end; ++i) {
    co_await troupe::actor<replier::Api>(troupe::Uuid{1, i}).ask<replier::Next>(i);
  }
  co_return Done{};
}

void measure_asks(std::uint64_t calls) {
  struct Placement {
    const char* name;
    std::size_t loops;
    std::size_t replier_loop;
  };
  for (const Placement& placement : {Placement{"one_loop", 1, 0}, Placement{"across_loops", 2, 1}}) {
    Node node(placement.loops);
    const Key asker = node.key_on(0);
    const replier::ReplierId replier{node.key_on(placement.replier_loop, 1).id()};
    node.run(0, ask_to_run(asker, replier, calls / 10 + 1, 100));
    for (const std::uint64_t in_flight : {1, 100}) {
      // Across loops a lone call waits for two threads to wake, which takes as long as hundreds of calls on one loop.
      const std::uint64_t slow_down = placement.loops > 1 && in_flight == 1 ? 50 : 1;
      const std::uint64_t whole_rounds = std::max<std::uint64_t>(calls / slow_down / in_flight, 1) * in_flight;
      const Clock::time_point begin = Clock::now();
      node.run(0, ask_to_run(asker, replier, whole_rounds, in_flight));
      const std::chrono::duration<double, std::nano> elapsed = Clock::now() - begin;
      print_sample({std::string(placement.name) + '_' + std::to_string(in_flight),
                    elapsed.count() / static_cast<double>(whole_rounds), "ns"});
    }
  }
}

/// What one of many waits for each of its answers.
Task<Done> ask_and_time(Key replier, std::uint64_t calls, std::vector<double>* microseconds) {
  const auto who = troupe::actor<replier::Api>(std::move(replier));
  for (std::uint64_t i = 0; i < calls; ++i) {
    const Clock::time_point begin = Clock::now();
    co_await who.ask<replier::Next>(i);
    microseconds->push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  co_return Done{};
}

Task<Done> spin(Key flooder) {
  co_await troupe::actor<flooder::Api>(std::move(flooder)).ask<flooder::Spin>();
  co_return Done{};
}

Task<Done> stop(Key flooder, std::uint64_t* turns) {
  *turns += co_await troupe::actor<flooder::Api>(std::move(flooder)).ask<flooder::Stop>();
  co_return Done{};
}

enum class Flood : std::uint8_t { none, each_loop };

/// 200 entities on one loop, each asked from the other by somebody who waits for the answer before the next, without
/// and with an entity on either loop that sends itself messages all the time.
void measure_fairness(std::uint64_t calls, Flood flood, const std::string& name) {
  constexpr std::size_t others = 200;
  Node node(2);
  if (flood == Flood::each_loop) {
    for (const std::size_t loop : {0, 1}) node.run(loop, spin(node.key_on(loop)));
  }
  std::vector<std::vector<double>> latencies(others);
  std::vector<std::future<bool>> ends;
  for (std::size_t i = 0; i < others; ++i) {
    latencies[i].reserve(calls);
    ends.push_back(node.begin(1, ask_and_time(node.key_on(0, i), calls, &latencies[i])));
  }
  for (auto& end : ends) {
    if (!end.get()) throw std::runtime_error("a call failed");
  }
  std::uint64_t turns = 0;
  if (flood == Flood::each_loop) {
    for (const std::size_t loop : {0, 1}) node.run(loop, stop(node.key_on(loop), &turns));
    print_sample({name + "_turns", static_cast<double>(turns), "turns"});
  }
  std::vector<double> all;
  // The first tenth finds pools and queues that grow.
  for (const auto& one : latencies)
    all.insert(all.end(), one.begin() + static_cast<std::ptrdiff_t>(calls / 10), one.end());
  const auto p99 = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 99 / 100);
  std::ranges::nth_element(all, p99);
  print_sample({name + "_p99", *p99, "us"});
}

void measure_memory(std::uint64_t entities) {
  Node node(1);
  node.run(0, wake_all(entities, entities + 1000));  // pools, queues and code pages are there now
  const std::uint64_t before = process_resident_bytes(getpid());
  node.run(0, wake_all(0, entities));
  const std::uint64_t after = process_resident_bytes(getpid());
  const double each = static_cast<double>(after - before) / static_cast<double>(entities);
  print_sample({"idle_entity", each - static_cast<double>(sizeof(replier::State)), "bytes"});
  print_sample({"resident_entities", static_cast<double>(node.residents()), "entities"});
  print_sample({"resident", static_cast<double>(after) / 1e6, "MB"});
}

}  // namespace

int main(int argc, char** argv) try {
  std::uint64_t calls = 1'000'000;
  std::uint64_t entities = 1'000'000;
  CLI::App options("Measures asks between entities and the memory of an idle one.");
  options.require_subcommand(1);
  CLI::App* ask = options.add_subcommand("ask", "ask between two entities, ns a call");
  ask->add_option("--calls", calls)->check(CLI::PositiveNumber);
  CLI::App* fair = options.add_subcommand("fair", "p99 of asks of 200 entities, beside one that floods its loop, us");
  fair->add_option("--calls", calls, "of all of them together")->check(CLI::PositiveNumber);
  CLI::App* memory = options.add_subcommand("memory", "bytes of an idle entity beside its state");
  memory->add_option("--entities", entities)->check(CLI::PositiveNumber);
  CLI11_PARSE(options, argc, argv);
  if (ask->parsed()) measure_asks(calls);
  if (fair->parsed()) {
    measure_fairness(std::max<std::uint64_t>(calls / 200, 10), Flood::none, "alone");
    measure_fairness(std::max<std::uint64_t>(calls / 200, 10), Flood::each_loop, "flooded");
  }
  if (memory->parsed()) measure_memory(entities);
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
