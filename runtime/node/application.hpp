#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/actor/domain.hpp>
#include <troupe/actor/task.hpp>
#include <troupe/gateway/idempotency.hpp>
#include <troupe/gateway/routed_service.hpp>
#include <troupe/gateway/routes.hpp>
#include <troupe/gateway/token.hpp>
#include <troupe/topology/catalog.hpp>
#include <troupe/topology/settings.hpp>

namespace troupe::node {

/// What the parts of an application may use of the node that runs them. Lifetime: the node's.
struct Services {
  std::shared_ptr<const gateway::TokenSigner> signer;
  /// The environment's variables.
  std::function<std::optional<std::string>(std::string_view name)> environment;
  /// A random text of this many base-32 characters, for secrets that people type.
  std::function<std::string(std::size_t length)> random_text;
  /// A line on standard output, for people.
  std::function<void(std::string_view line)> print;
  std::string gateway_address;  ///< where the topology says that it listens; empty: not on this node
  bool gateway_is_loopback = false;
};

/// A program made of domains: what `main` puts together and hands to the command line.
///
/// ```
/// Application shop("shop", "0.1.0");
/// shop.domain<"product">(&product::domain, &product::routes);
/// shop.domain<"order", order::Settings>(&order::domain, &order::routes);
/// return cli::run(shop, argc, argv);
/// ```
class Application {
 public:
  using DeclareRoutes = std::function<void(gateway::Routes&, const Services&)>;
  /// Where the entities of a domain are: in this program, or only in others.
  enum class Residence : std::uint8_t { here, elsewhere };
  struct Entry {
    std::string name;
    Residence residence = Residence::here;
    // Of a domain elsewhere:
    std::vector<const ProtocolInfo*> protocols;
    std::vector<std::string> movable;  ///< those that may stand on other nodes than the main one
    /// The domain with the settings that this table holds; all faults of the table otherwise.
    std::function<topology::Checked<Domain>(const topology::SettingsTable&)> make;
    DeclareRoutes routes;
    /// The helper that keeps Idempotency-Keys beside the domain, `<domain>_idempotency`.
    std::string key_keeper_name;
    const ProtocolInfo* key_keeper_protocol;
    const gateway::KeyKeeper* key_keeper;
    gateway::KeyKeeping (*keep_keys)(std::shared_ptr<const gateway::RouteTable>, const gateway::IdempotencySecret&);
  };
  /// Runs on the node before it is ready. A failure ends the start with 1, `invalid` (what is set) with 2; but among
  /// several nodes only a rejection does: anything else is tried again until the others answer, so it must bear to be
  /// run twice.
  using OnStart = std::function<Task<Done>(std::shared_ptr<const Services>)>;

  Application(std::string name, std::string version) : name_(std::move(name)), version_(std::move(version)) {}

  /// `token_key_variable` is the environment's variable that may hold the key of tokens, base64url.
  Application& sessions(gateway::Authenticator authenticator, std::string token_key_variable) {
    authenticator_ = std::move(authenticator);
    token_key_variable_ = std::move(token_key_variable);
    return *this;
  }

  template <FixedString Name>
  Application& domain(std::function<Domain()> make, DeclareRoutes routes = {}) {
    return domain<Name, NoSettings>([make = std::move(make)](const NoSettings&) { return make(); }, std::move(routes));
  }
  /// `[settings.NAME]` of the topology is read into `Settings`.
  template <FixedString Name, class Settings>
  Application& domain(std::function<Domain(const Settings&)> make, DeclareRoutes routes = {}) {
    Entry entry;
    entry.name = Name.view();
    entry.make = [make = std::move(make)](const topology::SettingsTable& table) -> topology::Checked<Domain> {
      auto settings = topology::bind<Settings>(table);
      if (!settings) return {std::nullopt, std::move(settings.faults)};
      return {make(*settings.value), {}};
    };
    entry.routes = std::move(routes);
    entry.key_keeper_name = gateway::IdempotencyProtocol<Name>::Api::name;
    entry.key_keeper_protocol = &protocol_info<typename gateway::IdempotencyProtocol<Name>::Api>;
    entry.key_keeper = &gateway::key_keeper<Name>;
    entry.keep_keys = &gateway::key_keeping<Name>;
    entries_.push_back(std::move(entry));
    return *this;
  }
  /// A domain whose entities only other programs have. Topologies may name it, but no node of this program can host it;
  /// with `routes`, its gateway serves it. `protocols` has the main one first and all in the domain's own order, so
  /// that every program reads a topology in the same way; the keeper of Idempotency-Keys follows by itself.
  /// `[settings.NAME]` is left to those that have the domain.
  template <FixedString Name>
  Application& elsewhere(std::vector<const ProtocolInfo*> protocols, DeclareRoutes routes = {},
                         std::vector<std::string> movable = {}) {
    domain<Name>([] { return Domain(std::string(Name.view())); }, std::move(routes));
    auto& entry = entries_.back();
    entry.make = [](const topology::SettingsTable&) -> topology::Checked<Domain> {
      return {Domain(std::string(Name.view())), {}};
    };
    entry.residence = Residence::elsewhere;
    entry.protocols = std::move(protocols);
    entry.movable = std::move(movable);
    return *this;
  }
  /// This program lacks routes: no node of it can host the gateway.
  Application& without_gateway() {
    gateway_ = topology::GatewaySupport::absent;
    return *this;
  }
  Application& on_start(OnStart hook) {
    on_start_.push_back(std::move(hook));
    return *this;
  }

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<OnStart>& start_hooks() const { return on_start_; }
  const gateway::Authenticator& authenticator() const { return authenticator_; }
  const std::string& token_key_variable() const { return token_key_variable_; }

  /// The names that a topology file may use.
  topology::Catalog catalog() const;

  /// Every protocol that this program has the entities of.
  std::vector<const ProtocolInfo*> protocols() const;

  /// What a node of this program can host: the names of these protocols, with "gateway" where it has that.
  std::vector<std::string> hostable() const;

 private:
  struct NoSettings {};

  std::string name_;
  std::string version_;
  std::vector<Entry> entries_;
  std::vector<OnStart> on_start_;
  gateway::Authenticator authenticator_;
  std::string token_key_variable_;
  topology::GatewaySupport gateway_ = topology::GatewaySupport::present;
};

}  // namespace troupe::node
