#pragma once

#include <troupe/topology/address.hpp>
#include <troupe/topology/catalog.hpp>
#include <troupe/topology/duration.hpp>
#include <troupe/topology/value.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::topology {

/// One process of the topology, with everything resolved that its table and the defaults say.
struct Node {
  std::string name;
  std::string group;                   ///< the table it comes from; the same as `name` unless that is a list
  std::vector<std::string> hosts;      ///< protocols, helpers included, in the catalog's order
  std::optional<Address> gateway;      ///< where it serves HTTP; nothing where it hosts no gateway
  std::optional<Address> link;         ///< where peers reach it
  Address admin;                       ///< where operators reach it
  std::string bind;                    ///< the interface that `link` and `admin` listen on; empty: their own host
  std::optional<std::uint32_t> loops;  ///< threads; nothing: as many as there are cores

  friend bool operator==(const Node&, const Node&) = default;

  /// Where it listens for what others reach at `address`, which is its link or its admin.
  Address listening(const Address& address) const;
  /// Where others reach what listens at `listening`, of `address` in the file: as `bind` wants it, the file's host with
  /// the port that it got.
  std::string reachable(const Address& address, const std::string& listening) const;
};

/// Limits of the HTTP edge, the same on every node that hosts it.
struct GatewayLimits {
  std::uint32_t max_connections = 10'000;
  std::uint32_t max_header_bytes = 16 * 1024;
  std::uint32_t max_body_bytes = 1024 * 1024;
  std::uint32_t max_total_body_bytes = 256 * 1024 * 1024;  ///< of all bodies in memory, of one node
  std::uint32_t max_depth = 32;                            ///< nesting of JSON
  Duration deadline = std::chrono::seconds(10);
  Duration header_timeout = std::chrono::seconds(10);
  Duration body_timeout = std::chrono::seconds(30);
  Duration idle_timeout = std::chrono::seconds(60);
  Duration drain = std::chrono::seconds(10);  ///< how long requests in flight may take when the node stops
  std::vector<std::string> cors_origins;      ///< origins whose pages may call; "*" for all

  friend bool operator==(const GatewayLimits&, const GatewayLimits&) = default;
};

enum class Strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };

/// The shortest and the longest wait between two attempts, as `"100ms..10s"` says them.
struct BackoffRange {
  Duration from;
  Duration to;

  friend bool operator==(const BackoffRange&, const BackoffRange&) = default;
};

/// How often what may be restarted. The defaults are OTP's.
struct SupervisionPolicy {
  Strategy strategy = Strategy::one_for_one;
  std::uint32_t intensity = 1;
  Duration period = std::chrono::seconds(5);
  std::optional<BackoffRange> backoff;

  friend bool operator==(const SupervisionPolicy&, const SupervisionPolicy&) = default;
};

/// How the entities of one protocol live.
struct ActorPolicy {
  std::uint32_t shards = 64;
  std::uint32_t queue = 1024;               ///< messages that may wait for one entity
  Duration idle = std::chrono::minutes(5);  ///< an entity without messages for so long is passivated
  SupervisionPolicy supervision;

  friend bool operator==(const ActorPolicy&, const ActorPolicy&) = default;
};

/// Opens after `failures` failures within `within`, and stays open for `open`.
struct BreakerPolicy {
  std::uint32_t failures = 5;
  Duration within = std::chrono::seconds(10);
  Duration open = std::chrono::seconds(5);

  friend bool operator==(const BreakerPolicy&, const BreakerPolicy&) = default;
};

/// How often one call may be tried, and which part of an edge's calls may be retries.
struct RetryPolicy {
  std::uint32_t attempts = 3;
  std::uint32_t budget_percent = 20;

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// Policy of one edge; what is absent is not limited beyond the caller's own deadline.
struct CallPolicy {
  std::optional<Duration> timeout;
  std::optional<BreakerPolicy> breaker;
  std::optional<RetryPolicy> retry;

  friend bool operator==(const CallPolicy&, const CallPolicy&) = default;
};

/// What a node's watchdog does with a handler that holds its loop.
struct WatchdogPolicy {
  Duration report = std::chrono::seconds(1);  ///< it tells of it after so long; 0: there is no watchdog
  Duration exit = std::chrono::seconds(60);   ///< it ends the process after so long; 0: never

  friend bool operator==(const WatchdogPolicy&, const WatchdogPolicy&) = default;
};

/// One `[settings.DOMAIN]` table as it stands in the file, to be bound to the domain's own aggregate.
struct SettingsTable {
  std::vector<std::string> files{""};  ///< those that the positions count
  std::string path;                    ///< "settings.order"
  Position at;
  Table entries;

  /// Equal when they say the same, in whatever file and place.
  friend bool operator==(const SettingsTable& a, const SettingsTable& b) {
    return a.path == b.path && a.entries == b.entries;
  }
};

enum class StorageKind : std::uint8_t { sqlite, postgresql };

/// Where one protocol keeps its entities on one node: the path of a SQLite file, or a PostgreSQL connection URL.
struct StorageLocation {
  StorageKind kind = StorageKind::sqlite;
  std::string location;

  friend bool operator==(const StorageLocation&, const StorageLocation&) = default;
};

/// A whole topology, checked and with all defaults filled in.
struct Topology {
  std::string file;  ///< where it was read, the first of several; empty for the built-in one
  std::string name;
  std::string data;  ///< folder of the embedded storage
  /// Shared by all nodes, each of at least 32 octets: the first proves and signs, all are accepted; may be none while
  /// every link is loopback.
  std::vector<std::string> secrets;
  std::uint32_t hash = 1;
  std::vector<Node> nodes;  ///< in the order of the file
  GatewayLimits gateway;
  WatchdogPolicy watchdog;                                 ///< of every node
  std::map<std::string, ActorPolicy, std::less<>> actors;  ///< every protocol
  std::map<std::string, std::string, std::less<>>
      storage;  ///< every protocol's URL, with `{data}`, `{node}`, `{protocol}`
  std::map<std::string, CallPolicy, std::less<>> calls;        ///< "caller -> callee", those of the file
  std::map<std::string, SettingsTable, std::less<>> settings;  ///< by domain, those of the file
  /// By the path of a supervisor or worker in a node's tree, those of the file.
  std::map<std::string, SupervisionPolicy, std::less<>> supervision;

  const Node* find_node(std::string_view name) const;

  /// The nodes that host `protocol` (or "gateway"), in the order of the file.
  std::vector<const Node*> hosts_of(std::string_view protocol) const;

  /// The node that a shard belongs to as long as the topology stands: a group deals its shards out in turn.
  const Node* owner_of(std::string_view protocol, std::uint32_t shard) const;

  const ActorPolicy& actor(std::string_view protocol) const;
  /// Of the supervisor or worker with this path; nothing where the file says nothing of it.
  std::optional<SupervisionPolicy> supervision_of(std::string_view path) const;
  CallPolicy call(std::string_view from, std::string_view to) const;
  StorageLocation storage_of(const Node& node, std::string_view protocol) const;

  /// The domain's table; an empty one where the file has none.
  SettingsTable settings_of(std::string_view domain) const;

  /// Equal when they mean the same, in whatever file they stand.
  friend bool operator==(const Topology& a, const Topology& b);
};

bool hosts(const Node& node, std::string_view protocol);

/// The built-in topology: one node `main` that hosts all that the application has. `topology/monolith.toml` is the
/// same.
Topology monolith(const Catalog& catalog);

/// What `topology` asks for that this build cannot do yet: one sentence each; empty where it can be run.
std::vector<std::string> unsupported(const Topology& topology);

}  // namespace troupe::topology
