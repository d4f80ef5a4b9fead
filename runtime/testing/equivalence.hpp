#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/node/application.hpp>
#include <troupe/testing/cluster.hpp>
#include <troupe/testing/residue.hpp>
#include <troupe/testing/scenario.hpp>
#include <troupe/testing/transcript.hpp>

namespace troupe::testing {

struct EquivalenceOptions {
  std::string settings{};  ///< text added to the topology, such as "[settings.order]\nunpaid_after = \"2s\"\n"
  /// Answers the application's start hooks what an environment variable holds.
  std::function<std::optional<std::string>(std::string_view name)> environment = [](std::string_view) {
    return std::nullopt;
  };
  /// Fields of states that count attempts: they are not compared where calls or requests are repeated.
  std::vector<std::string> attempt_counters{};
  /// Fields of states that tell who came first among equals: they are never compared.
  std::vector<std::string> fields_of_chance{};
  /// What undone attempts leave in states: it is not compared where calls or requests are repeated.
  std::vector<Residue> residue{};
};

/// Whether an application is the same however it is spread: scenarios are played in one process, then elsewhere, and
/// what clients saw and what is durable in the end must be equal but for ids and times.
///
/// ```
/// Equivalence wishes(application, {{"adds and lists", &adds_and_lists}});
/// EXPECT_EQ(wishes.differences(seeds(3)), "");
/// ```
/// Errors: throws what a scenario or a client throws in one process; elsewhere that is a difference. Threads: one.
/// Source: Service Weaver's weavertest, which runs a test in each deployer.
class Equivalence {
 public:
  Equivalence(const node::Application& application, std::vector<Scenario> scenarios, EquivalenceOptions options = {});

  /// What one process shows and keeps; played when first asked for.
  const Recording& expected();

  /// Plays everywhere in simulation: with every message through the codec and delivered twice, and in all_placements()
  /// over links that only delay and links that break, with each seed. Returns the first difference; empty: there is
  /// none.
  std::string differences(const std::vector<std::uint64_t>& seeds);
  /// Plays on this cluster; settings and environment are those of the suite.
  std::string difference_on(ClusterOptions cluster);
  /// Plays on whatever else runs the application, with the same settings. `end` is asked for the durable state until
  /// it is as expected, or `patience` is over.
  std::string difference_on(Client& client, const std::string& where, const std::function<DurableState(Names&)>& end,
                            std::chrono::milliseconds patience = std::chrono::minutes(1));

 private:
  /// What is compared: all that is durable, where nothing is repeated, or what lasts of it.
  enum class Compared : std::uint8_t { all, outcomes };

  Recording play_on(Cluster& cluster, ScenarioDriver::Repeats repeats);
  void play(ScenarioDriver& driver) const;
  std::optional<std::string> difference_of(const Recording& got, Compared compared);
  DurableState comparable(DurableState state, Compared compared) const;

  const node::Application& application_;
  const std::vector<Scenario> scenarios_;
  const EquivalenceOptions options_;
  std::optional<Recording> expected_;
};

/// The seeds of a test's run: 1 to `count`; TROUPE_TEST_SEEDS asks for more, TROUPE_TEST_SEED for just one.
std::vector<std::uint64_t> seeds(std::uint64_t count);

}  // namespace troupe::testing
