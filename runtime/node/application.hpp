#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/declaration.hpp>
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

/// The domains of an application by their declarations, in the order in which all its programs name them.
template <DomainDeclaration... Ds>
struct Domains {};

/// A program made of domains: what `main` puts together and hands to the command line.
///
/// ```
/// Application shop("shop", "0.1.0");
/// shop.add<product::Declaration>().add<order::Declaration>();
/// return cli::run(shop, argc, argv);
/// ```
class Application {
 public:
  using DeclareRoutes = std::function<void(gateway::Routes&)>;
  /// Where the entities of a domain are: in this program, or only in others.
  enum class Residence : std::uint8_t { here, elsewhere };
  struct Entry {
    std::string name;
    Residence residence = Residence::here;
    DomainOutline outline;
    /// The domain with the settings that this table holds; all faults of the table otherwise.
    std::function<topology::Checked<Domain>(const topology::SettingsTable&)> make;
    DeclareRoutes routes;
    /// The helper that keeps Idempotency-Keys beside the domain, `<domain>_idempotency`.
    std::string idempotency_protocol_name;
    const ProtocolInfo* idempotency_protocol;
    const gateway::IdempotencyKeeper* idempotency_keeper;
    gateway::IdempotencyParts (*make_idempotency_parts)(std::shared_ptr<const gateway::RouteTable>,
                                                        const gateway::IdempotencySecrets&);
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

  /// Takes a domain in: its entities, and its routes where a node hosts the gateway.
  template <DomainDeclaration D>
  Application& add() {
    entries_.push_back(entry_of<D>());
    auto& entry = entries_.back();
    if constexpr (HasRoutes<D>) entry.routes = &D::routes;
    entry.make = [](const topology::SettingsTable& table) -> topology::Checked<Domain> {
      auto settings = topology::bind<SettingsOf<D>>(table);
      if (!settings) return {std::nullopt, std::move(settings.faults)};
      return {DomainOf<D>::make(*settings.value), {}};
    };
    return *this;
  }
  template <DomainDeclaration... Ds>
  Application& add(Domains<Ds...>) {
    (add<Ds>(), ...);
    return *this;
  }

  /// Knows a domain whose entities only other programs have: topologies may name it, but no node of this program can
  /// host it. `[settings.NAME]` is left to those that have it. Nothing of it is linked but what it answers.
  template <DomainDeclaration D>
  Application& know() {
    entries_.push_back(entry_of<D>());
    auto& entry = entries_.back();
    entry.residence = Residence::elsewhere;
    entry.make = [](const topology::SettingsTable&) -> topology::Checked<Domain> {
      return {Domain(std::string(domain_name<D>)), {}};
    };
    return *this;
  }
  /// The same of a domain that this program's gateway serves.
  template <DomainDeclaration D>
  Application& serve() {
    know<D>();
    if constexpr (HasRoutes<D>) entries_.back().routes = &D::routes;
    return *this;
  }
  template <DomainDeclaration... Ds>
  Application& serve(Domains<Ds...>) {
    (serve<Ds>(), ...);
    return *this;
  }

  /// Takes one of these domains in and knows the others. This program lacks their routes: no node of it can host the
  /// gateway.
  template <DomainDeclaration Own, DomainDeclaration... Ds>
  Application& add_only(Domains<Ds...>) {
    static_assert((std::is_same_v<Own, Ds> || ...), "this domain is none of the application's");
    auto take = [this]<class D>(std::type_identity<D>) {
      if constexpr (std::is_same_v<D, Own>) {
        add<D>();
      } else {
        know<D>();
      }
    };
    (take(std::type_identity<Ds>()), ...);
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

  /// The names that a topology file may use, and who asks whom.
  topology::Catalog catalog() const;

  /// Every protocol that this program has the entities of.
  std::vector<const ProtocolInfo*> protocols() const;

  /// What a node of this program can host: the names of these protocols, with "gateway" where it has that.
  std::vector<std::string> hostable() const;

 private:
  template <DomainDeclaration D>
  static Entry entry_of() {
    constexpr auto tag = MainApiOf<D>::tag;
    Entry entry;
    entry.name = domain_name<D>;
    entry.outline = OutlineOf<D>::make();
    entry.idempotency_protocol_name = gateway::IdempotencyProtocol<tag>::Api::name;
    entry.idempotency_protocol = &protocol_info<typename gateway::IdempotencyProtocol<tag>::Api>;
    entry.idempotency_keeper = &gateway::idempotency_keeper<tag>;
    entry.make_idempotency_parts = &gateway::idempotency_parts<tag>;
    return entry;
  }

  std::string name_;
  std::string version_;
  std::vector<Entry> entries_;
  std::vector<OnStart> on_start_;
  gateway::Authenticator authenticator_;
  std::string token_key_variable_;
  topology::GatewaySupport gateway_ = topology::GatewaySupport::present;
};

}  // namespace troupe::node
