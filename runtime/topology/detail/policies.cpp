#include <troupe/topology/detail/policies.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace troupe::topology::detail {
namespace {

constexpr std::uint32_t most_shards = 65'536;
constexpr std::uint32_t most_queued = 1'000'000;
constexpr std::uint32_t most_restarts = 1'000'000;
constexpr std::uint32_t most_failures = 1'000'000;
constexpr std::uint32_t most_attempts = 100;
constexpr std::uint32_t largest_budget_percent = 1000;
constexpr std::uint32_t most_connections = 1'000'000;
constexpr std::uint32_t smallest_header_bytes = 1024;
constexpr std::uint32_t largest_header_bytes = 1024 * 1024;
constexpr std::uint32_t largest_body_bytes = 1024 * 1024 * 1024;
constexpr std::uint32_t largest_total_body_bytes = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t deepest_json = 512;
constexpr Duration shortest = std::chrono::milliseconds(1);
/// A busy machine keeps any thread waiting for some tens of milliseconds.
constexpr Duration shortest_report = std::chrono::milliseconds(100);

/// What a browser sends: scheme, host and port, no path (RFC 6454).
bool is_origin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == 0 || scheme == std::string_view::npos) return text == "*";
  const std::string_view rest = text.substr(scheme + 3);
  return !rest.empty() && rest.find_first_of("/?#@ ") == std::string_view::npos;
}

void read_strategy(TableReader& reader, Strategy& target) {
  static const std::array<std::string, 3> strategies = {"one_for_one", "one_for_all", "rest_for_one"};
  std::string name = strategies.at(static_cast<std::size_t>(target));
  reader.read("strategy", name);
  if (const auto found = std::ranges::find(strategies, name); found != strategies.end()) {
    target = static_cast<Strategy>(found - strategies.begin());
  } else {
    reader.faults().add(reader.entry("strategy")->value.at, "unknown strategy " + quote(name),
                        suggest(name, strategies, "strategies"));
  }
}

void read_backoff(TableReader& reader, std::optional<BackoffRange>& target) {
  std::string text;
  reader.read("backoff", text);
  const Entry* entry = reader.entry("backoff");
  if (entry == nullptr || entry->value.get<std::string>() == nullptr) return;
  if (const auto range = read_duration_range(text)) {
    target = BackoffRange{range->first, range->second};
  } else {
    reader.faults().add(entry->value.at, reader.name("backoff") + " is no range of durations: " + quote(text),
                        "write the shortest and the longest wait, such as \"100ms..10s\"");
  }
}

}  // namespace

GatewayLimits read_gateway_limits(TableReader& reader) {
  GatewayLimits limits;
  reader.read("max_connections", limits.max_connections, {1, most_connections});
  reader.read("max_header_bytes", limits.max_header_bytes, {smallest_header_bytes, largest_header_bytes});
  reader.read("max_body_bytes", limits.max_body_bytes, {0, largest_body_bytes});
  limits.max_total_body_bytes = std::max(limits.max_total_body_bytes, limits.max_body_bytes);
  reader.read("max_total_body_bytes", limits.max_total_body_bytes, {limits.max_body_bytes, largest_total_body_bytes});
  reader.read("max_depth", limits.max_depth, {1, deepest_json});
  reader.read("deadline", limits.deadline, shortest);
  reader.read("header_timeout", limits.header_timeout, shortest);
  reader.read("body_timeout", limits.body_timeout, shortest);
  reader.read("idle_timeout", limits.idle_timeout, shortest);
  reader.read("drain", limits.drain, Duration::zero());
  for (Located<std::string>& origin : reader.texts("cors_origins")) {
    if (is_origin(origin.value)) {
      limits.cors_origins.push_back(std::move(origin.value));
    } else {
      reader.faults().add(origin.at,
                          reader.name("cors_origins") + " holds " + quote(origin.value) + ", which is no origin",
                          "write scheme, host and port only, such as \"https://shop.example.com\", or \"*\"");
    }
  }
  return limits;
}

void read_supervision(TableReader& reader, SupervisionPolicy& policy) {
  read_strategy(reader, policy.strategy);
  reader.read("intensity", policy.intensity, {0, most_restarts});
  reader.read("period", policy.period, shortest);
  read_backoff(reader, policy.backoff);
}

ActorPolicy read_actor_policy(TableReader& reader) {
  ActorPolicy policy;
  reader.read("shards", policy.shards, {1, most_shards});
  reader.read("queue", policy.queue, {1, most_queued});
  reader.read("idle", policy.idle, shortest);
  if (const Table* table = reader.table("supervision")) {
    TableReader inner(*table, reader.path() + ".supervision", reader.faults());
    read_supervision(inner, policy.supervision);
    inner.finish();
  }
  return policy;
}

CallPolicy read_call_policy(TableReader& reader) {
  CallPolicy policy;
  if (Duration timeout{}; reader.entry("timeout") != nullptr) {
    reader.read("timeout", timeout, shortest);
    if (timeout > Duration::zero()) policy.timeout = timeout;
  }
  if (const Table* table = reader.table("breaker")) {
    TableReader inner(*table, reader.path() + ".breaker", reader.faults());
    BreakerPolicy& breaker = policy.breaker.emplace();
    inner.read("failures", breaker.failures, {1, most_failures});
    inner.read("within", breaker.within, shortest);
    inner.read("open", breaker.open, shortest);
    inner.finish();
  }
  if (const Table* table = reader.table("retry")) {
    TableReader inner(*table, reader.path() + ".retry", reader.faults());
    RetryPolicy& retry = policy.retry.emplace();
    inner.read("attempts", retry.attempts, {1, most_attempts});
    inner.read("budget_percent", retry.budget_percent, {0, largest_budget_percent});
    inner.finish();
  }
  return policy;
}

WatchdogPolicy read_watchdog_policy(TableReader& reader) {
  WatchdogPolicy policy;
  const std::size_t faults = reader.faults().size();
  reader.read("report", policy.report, Duration::zero());
  reader.read("exit", policy.exit, Duration::zero());
  if (reader.faults().size() != faults) return policy;
  const bool exit_written = reader.entry("exit") != nullptr;
  const auto refuse = [&reader](std::string_view key, Duration is, std::string hint) {
    reader.faults().add(reader.entry(key)->value.at, reader.name(key) + " is " + quote(troupe::to_text(is)),
                        std::move(hint));
  };
  if (policy.report == Duration::zero()) {
    if (exit_written && policy.exit > Duration::zero()) {
      refuse("exit", policy.exit, "with `report` at 0s there is no watchdog that could: leave it out");
    }
    policy.exit = Duration::zero();
  } else if (policy.report < shortest_report) {
    refuse("report", policy.report,
           "it must be at least " + troupe::to_text(shortest_report) + ", or 0s for no watchdog");
  } else if (policy.exit > Duration::zero() && policy.exit <= policy.report) {
    if (exit_written) {
      refuse("exit", policy.exit,
             "it must be longer than `report`, which is " + troupe::to_text(policy.report) + ", or 0s for never");
    } else {
      refuse("report", policy.report, "it must be shorter than `exit`, which is " + troupe::to_text(policy.exit));
    }
  }
  return policy;
}

}  // namespace troupe::topology::detail
