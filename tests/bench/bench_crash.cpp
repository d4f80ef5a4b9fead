/// What the crash of an entity costs: the time until the same entity, made anew from SQLite, answers again, and what
/// the others of its shard notice while one message in a thousand crashes its receiver.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/storage/data_folder.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>
#include "tests/bench/sample.hpp"

namespace troupe::bench {
namespace patient {

/// Changes the state, hence is committed before it is answered.
struct Treat {
  using Reply = std::uint64_t;
  static constexpr auto effect = Effect::idempotent;
  std::uint64_t number = 0;
};
/// Answered from memory, or after a load from the disk; waits for no sync.
struct Look {
  using Reply = std::uint64_t;
  static constexpr auto effect = Effect::read;
};
struct Collapse {
  using Reply = Done;
};
using Api = Protocol<"patient", Treat, Look, Collapse>;

struct State {
  std::uint64_t number = 0;
};

class Patient : public Entity<Api, State> {
 public:
  Task<std::uint64_t> on(Treat m) {
    edit().number = m.number;
    co_return m.number;
  }
  Task<std::uint64_t> on(Look) const { co_return state().number; }
  Task<Done> on(Collapse) { throw std::runtime_error("collapsed"); }
};

}  // namespace patient

namespace {

using Clock = std::chrono::steady_clock;
using Latencies = std::vector<double>;  ///< in milliseconds

constexpr std::uint64_t others = 200;
constexpr std::uint64_t clients = 8;
constexpr std::uint64_t calls_a_crash = 1'000;
constexpr std::uint64_t slices = 5;
constexpr std::chrono::hours patience{1};

Ref<patient::Api> other(std::uint64_t number) { return actor<patient::Api>(Uuid{1, number % others}); }
/// Each crashes once: one that does so again and again is another matter.
Ref<patient::Api> victim(std::uint64_t number) { return actor<patient::Api>(Uuid{2, number}); }

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double percentile99(Latencies& latencies) {
  const auto at = static_cast<std::ptrdiff_t>(latencies.size() * 99 / 100);
  std::ranges::nth_element(latencies, latencies.begin() + at);
  return latencies.at(static_cast<std::size_t>(at));
}

/// Counts crashes without writing them down, which is the log's part.
struct CrashCounter final : engine::Reporter {
  std::atomic<std::uint64_t> crashes = 0;
  void crashed(const engine::CrashReport&) override { ++crashes; }
  void trouble(std::string_view what) override { std::cerr << what << '\n'; }
};

/// Asks the others of the shard, one after the other.
Task<Done> ask_others(std::uint64_t client, std::uint64_t calls, Latencies& latencies) {
  for (std::uint64_t i = 0; i < calls; ++i) {
    const Clock::time_point begin = Clock::now();
    co_await other(client + i * clients).ask<patient::Treat>(i);
    latencies.push_back(milliseconds_since(begin));
  }
  co_return Done{};
}

/// The same, and after each so many calls lets one entity crash and asks it until it answers.
Task<Done> ask_and_crash(std::uint64_t first_victim, std::uint64_t crashes, Latencies& latencies, Latencies& next) {
  for (std::uint64_t i = 0; i < crashes; ++i) {
    const auto who = victim(first_victim + i);
    co_await who.ask<patient::Treat>(i);
    if ((co_await who.try_ask<patient::Collapse>()).ok()) throw std::logic_error("it did not crash");
    const Clock::time_point begin = Clock::now();
    while (!(co_await who.try_ask<patient::Look>()).ok()) {
    }
    next.push_back(milliseconds_since(begin));
    co_await ask_others(0, calls_a_crash / clients, latencies);
  }
  co_return Done{};
}

/// One node with one loop and one shard, on a disk.
class Ward {
 public:
  explicit Ward(const std::filesystem::path& folder)
      : data_(folder, "bench"),
        factory_(data_, loops_.workers(), {[](const std::string& text) { std::cerr << text << '\n'; }}),
        engine_(loops_, crashes_) {
    store_ = factory_.open({.protocol = "patient", .indexes = {}, .layout = 1, .index_values = {}});
    engine_.host(entity_type<patient::Patient>(), store_.get(), {.shards = 1});
    engine_.start();
  }
  ~Ward() {
    engine_.stop(std::chrono::seconds(5));
    store_->close();
  }
  Ward(const Ward&) = delete;
  Ward& operator=(const Ward&) = delete;

  /// Runs all to their ends. Errors: throws when one does not succeed.
  void run(std::vector<Task<Done>> tasks) {
    std::vector<std::promise<bool>> ends(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      auto& loop = engine_.loop(0);
      loop.call([this, &loop, &end = ends[i], task = std::move(tasks[i])]() mutable {
        Shared<Origin> origin(new Origin(Principal::of_node("bench"), ""));
        engine_.run(loop, {std::move(origin), loop.now() + patience}, std::move(task),
                    [&end](const Outcome<Done>& outcome) { end.set_value(outcome.ok()); });
      });
    }
    bool all = true;
    for (auto& end : ends) all = end.get_future().get() && all;
    if (!all) throw std::runtime_error("a call failed");
  }
  std::uint64_t crashes() const { return crashes_.crashes; }

 private:
  CrashCounter crashes_;
  storage::DataFolder data_;
  loop::ThreadedLoops loops_{1};
  storage::SqliteStoreFactory factory_;
  std::unique_ptr<Store> store_;
  engine::Engine engine_;
};

void measure(const std::filesystem::path& folder, std::uint64_t crashes) {
  Ward ward(folder);
  Latencies alone;
  Latencies beside;
  Latencies next;
  const std::uint64_t each = crashes / slices;
  // In turns, so that both see the same moods of the machine.
  for (std::uint64_t slice = 0; slice < slices; ++slice) {
    for (const bool crashing : {false, true}) {
      std::vector<Latencies> parts(clients);
      std::vector<Task<Done>> tasks;
      for (std::uint64_t client = crashing ? 1 : 0; client < clients; ++client) {
        tasks.push_back(ask_others(client, each * (calls_a_crash / clients), parts[client]));
      }
      if (crashing) tasks.push_back(ask_and_crash(slice * each, each, parts[0], next));
      ward.run(std::move(tasks));
      Latencies& all = crashing ? beside : alone;
      for (const Latencies& part : parts) all.insert(all.end(), part.begin(), part.end());
    }
  }
  if (ward.crashes() != each * slices) throw std::runtime_error("not every crash was reported");
  print_sample({"next_answer_p99", percentile99(next), "ms"});
  print_sample({"others_alone_p99", percentile99(alone), "ms"});
  print_sample({"others_p99", percentile99(beside), "ms"});
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) try {
  std::filesystem::path folder;
  std::uint64_t crashes = 500;
  CLI::App options("Measures how soon an entity that crashed answers again, and what the others notice.");
  options.add_option("folder", folder, "where the data goes")->required();
  options.add_option("--crashes", crashes)->check(CLI::Range(5, 1'000'000));
  CLI11_PARSE(options, argc, argv);
  troupe::bench::measure(folder, crashes);
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
