#include <troupe/testing/equivalence.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <utility>

#include <troupe/testing/placement.hpp>

namespace troupe::testing {

namespace {

using namespace std::chrono_literals;
using Messages = ClusterOptions::Messages;

constexpr auto poll_interval = 100ms;

std::string in_one_process(const node::Application& application) {
  std::string text(topology::gateway_name);
  for (const auto& entry : application.entries()) text += ' ' + entry.name;
  return text;
}

std::string describe(const ClusterOptions& cluster) {
  std::string text = "in '" + cluster.placement + '\'';
  if (cluster.messages == Messages::encoded_twice) text += " with messages encoded and delivered twice";
  if (cluster.network == NetworkFaults::broken_connections) text += " with broken connections";
  return text + ", seed " + std::to_string(cluster.seed) + " (TROUPE_TEST_SEED=" + std::to_string(cluster.seed) +
         " repeats it)";
}

/// `"field":12` becomes `"field":<any>`; the value is a number, a truth or null.
std::string without_field(const std::string& line, const std::string& field) {
  const std::string sought = '"' + field + "\":";
  std::string result;
  std::size_t from = 0;
  for (auto at = line.find(sought); at != std::string::npos; at = line.find(sought, from)) {
    result.append(line, from, at + sought.size() - from).append("<any>");
    from = std::min(line.find_first_of(",}]", at + sought.size()), line.size());
  }
  return result.append(line, from);
}

std::uint64_t number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text && *text ? std::stoull(text) : 0;
}

}  // namespace

Equivalence::Equivalence(const node::Application& application, std::vector<Scenario> scenarios,
                         EquivalenceOptions options)
    : application_(application), scenarios_(std::move(scenarios)), options_(std::move(options)) {}

void Equivalence::play(ScenarioDriver& driver) const {
  for (const auto& scenario : scenarios_) {
    driver.begin(scenario.name);
    scenario.play(driver);
  }
}

Recording Equivalence::play_on(Cluster& cluster, ScenarioDriver::Repeats repeats) {
  Names names;
  ScenarioDriver driver(cluster, names, repeats);
  play(driver);
  cluster.end();
  Recording recording{driver.transcript(), cluster.durable_state(names),
                      cluster.durable_state(names, options_.residue)};
  for (const auto& report : cluster.reports()) {
    const std::string trouble = "trouble: " + names.normalise(report);
    recording.state.push_back(trouble);
    recording.lasting.push_back(trouble);
  }
  return recording;
}

const Recording& Equivalence::expected() {
  if (expected_) return *expected_;
  Cluster cluster(
      application_,
      {.placement = in_one_process(application_), .settings = options_.settings, .environment = options_.environment});
  return expected_.emplace(play_on(cluster, ScenarioDriver::Repeats::never));
}

DurableState Equivalence::comparable(DurableState state, Compared compared) const {
  for (auto& line : state) {
    for (const auto& field : options_.fields_of_chance) line = without_field(line, field);
    if (compared == Compared::all) continue;
    for (const auto& field : options_.attempt_counters) line = without_field(line, field);
  }
  std::ranges::sort(state);
  return state;
}

std::optional<std::string> Equivalence::difference_of(const Recording& got, Compared compared) {
  const Recording& wanted = expected();
  if (auto found = difference(wanted.transcript, got.transcript)) return found;
  const auto part = compared == Compared::all ? &Recording::state : &Recording::lasting;
  return difference(comparable(wanted.*part, compared), comparable(got.*part, compared));
}

std::string Equivalence::difference_on(ClusterOptions options) {
  options.settings = options_.settings;
  options.environment = options_.environment;
  const bool breaks = options.network == NetworkFaults::broken_connections;
  const bool repeats = breaks || options.messages == Messages::encoded_twice;
  const std::string where = describe(options);
  Recording got;
  try {
    Cluster cluster(application_, std::move(options));
    got = play_on(cluster, breaks ? ScenarioDriver::Repeats::open_outcomes : ScenarioDriver::Repeats::never);
  } catch (const std::runtime_error& error) {
    return where + ": " + error.what();
  }
  const auto found = difference_of(got, repeats ? Compared::outcomes : Compared::all);
  return found ? where + ": " + *found : std::string();
}

std::string Equivalence::difference_on(Client& client, const std::string& where,
                                       const std::function<DurableState(Names&)>& end,
                                       std::chrono::milliseconds patience) {
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::never);
  try {
    play(driver);
  } catch (const std::runtime_error& error) {
    return where + ": " + error.what();
  }
  Recording got{driver.transcript(), end(names), {}};
  auto found = difference_of(got, Compared::all);
  for (auto waited = 0ms; found && waited < patience; waited += poll_interval) {
    client.pass(poll_interval);
    got.state = end(names);
    found = difference_of(got, Compared::all);
  }
  return found ? where + ": " + *found : std::string();
}

std::string Equivalence::differences(const std::vector<std::uint64_t>& seeds) {
  for (const auto seed : seeds) {
    auto found =
        difference_on({.placement = in_one_process(application_), .seed = seed, .messages = Messages::encoded_twice});
    if (!found.empty()) return found;
    for (const auto& placement : all_placements(application_)) {
      for (const auto network : {NetworkFaults::delays, NetworkFaults::broken_connections}) {
        found = difference_on({.placement = placement, .seed = seed, .network = network});
        if (!found.empty()) return found;
      }
    }
  }
  return {};
}

std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const auto only = number_in("TROUPE_TEST_SEED")) return {only};
  if (const auto wanted = number_in("TROUPE_TEST_SEEDS")) count = wanted;
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  return seeds;
}

}  // namespace troupe::testing
