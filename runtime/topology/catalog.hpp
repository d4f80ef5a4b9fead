#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/wire/time.hpp>

namespace troupe::topology {

struct SettingsTable;
struct TopologyFault;

/// The name under which a node hosts the HTTP edge; it is no protocol.
inline constexpr std::string_view gateway_name = "gateway";

/// Where a helper protocol may stand.
enum class HelperPlacement {
  beside_main,  ///< always on the nodes of the domain's main protocol; a topology does not list it
  anywhere,     ///< on the nodes that list it, beside the main protocol where none does
};

/// As whom a helper protocol asks others.
enum class HelperCalls {
  as_itself,
  as_gateway,  ///< it does the gateway's work, so the gateway's edges are its own
};

struct Helper {
  std::string name;
  HelperPlacement placement = HelperPlacement::beside_main;
  HelperCalls calls = HelperCalls::as_itself;
};

/// What a domain does by itself beside the entities of a protocol.
struct CatalogWorker {
  enum class Place { each_node, first_shard };
  enum class Restart { permanent, transient, temporary };

  std::string name;
  std::string protocol;
  Place place = Place::each_node;  ///< of those that have entities of the protocol
  Restart restart = Restart::permanent;
  std::optional<Duration> start_within = {};  ///< unset: no limit
  std::optional<Duration> stop_within = {};   ///< unset: the supervisor's default
};

/// How the relay of a domain's outbox is called among its workers.
inline constexpr std::string_view outbox_worker = "outbox";

/// A domain of the application: its name, its main protocol, and the protocols that help it.
struct Domain {
  std::string name;
  std::string main;
  std::vector<Helper> helpers;
  /// What is wrong with its `[settings.NAME]`; unset: the program can't tell.
  std::function<std::vector<TopologyFault>(const SettingsTable&)> settings_faults = {};
  /// Unset: the program can't tell.
  std::optional<std::vector<CatalogWorker>> workers = std::vector<CatalogWorker>();
};

/// Caller protocol (or "gateway") and callee protocol.
struct Edge {
  std::string from;
  std::string to;

  friend bool operator==(const Edge&, const Edge&) = default;
};

/// Which gateway, if any, an application binary can host.
enum class GatewaySupport { absent, present };

/// What the application binary can host: the names that a topology file may use.
struct Catalog {
  std::vector<Domain> domains;
  std::vector<Edge> edges;  ///< who asks whom, as far as the application says; empty: anyone may ask anyone
  GatewaySupport gateway = GatewaySupport::present;
  std::string application = {};  ///< the command's name, for hints; empty: unknown

  const Domain* find_domain(std::string_view name) const;

  /// The domain that `protocol` belongs to, as main protocol or helper.
  const Domain* domain_of(std::string_view protocol) const;

  /// Every protocol: each domain's main one, then its helpers.
  std::vector<std::string> protocols() const;
};

}  // namespace troupe::topology
