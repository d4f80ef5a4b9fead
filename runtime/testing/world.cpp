#include <troupe/testing/world.hpp>

#include <map>
#include <stdexcept>

#include <troupe/engine/sweeps.hpp>
#include <troupe/engine/workers/workers.hpp>
#include <troupe/loop/simulation.hpp>
#include <troupe/storage/data_folder.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>
#include <troupe/testing/detail/pending_answer.hpp>
#include <troupe/testing/detail/report_collector.hpp>
#include <troupe/testing/detail/trust_token.hpp>
#include <troupe/testing/temporary_folder.hpp>

namespace troupe::testing {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_wait = std::chrono::hours(1);
constexpr auto token_lifetime = std::chrono::hours(12);

}  // namespace

class World::Parts {
 public:
  Parts(std::uint64_t seed, std::size_t loop_count) : simulation(seed, 0), loops(simulation.add_node(loop_count)) {}
  ~Parts() { stop(); }

  void know(const Domain& domain) {
    for (const auto& type : domain.entities()) stores[std::string(type.protocol->name)];
  }
  void start();
  void stop();

  struct Entry {
    Domain domain;
    std::optional<gateway::Routes> routes;
    MakeIdempotencyParts make_idempotency_parts = nullptr;
  };

  TemporaryFolder folder{TemporaryFolder::in_memory()};
  loop::Simulation simulation;
  loop::LoopDriver& loops;
  detail::ReportCollector reports;
  std::vector<Entry> entries;
  std::map<std::string, ProtocolStore, std::less<>> stores;
  enum class Sweeping : std::uint8_t { as_on_a_node, by_hand } sweeping = Sweeping::as_on_a_node;
  gateway::Authenticator authenticator = &detail::trust_token;
  std::shared_ptr<const gateway::TokenSigner> signer = std::make_shared<gateway::TokenSigner>(gateway::TokenKey{});
  Principal principal = Principal::of_node("test");
  std::chrono::milliseconds patience = 10s;
  resilience::CallPolicy calls;

  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<gateway::RoutedService> service;

 private:
  void host(const EntityType& type, const std::string& domain);

  // In the order in which they lean on each other.
  std::unique_ptr<storage::DataFolder> data_;
  std::unique_ptr<storage::SqliteStoreFactory> factory_;
  std::unique_ptr<engine::Sweeps> sweeps_;
  std::unique_ptr<engine::Workers> workers_;
};

void World::Parts::host(const EntityType& type, const std::string& domain) {
  StoreDeclaration declaration;
  declaration.protocol = type.protocol->name;
  declaration.indexes = type.indexes;
  declaration.layout = type.layout;
  declaration.index_values = type.index_values;
  auto file = data_->path() / (declaration.protocol + ".db");
  auto& store = stores[declaration.protocol].open(
      factory_->open(declaration), loops.workers(), std::move(file),
      [this](const std::function<bool()>& condition) { loops.run_until(condition, longest_wait); });
  engine->host(type, &store, {.domain = domain});
}

void World::Parts::start() {
  if (engine) throw std::logic_error("the world has been started already");
  loops.start();
  data_ = std::make_unique<storage::DataFolder>(folder.path(), "test");
  factory_ = std::make_unique<storage::SqliteStoreFactory>(
      *data_, loops.workers(),
      storage::StoreEvents{.fatal = [this](const std::string& text) { reports.lines.push_back(text); }});
  engine = std::make_unique<engine::Engine>(loops, reports);
  engine->set_call_policies([this](std::string_view, std::string_view) { return calls; });
  sweeps_ = std::make_unique<engine::Sweeps>(*engine, "test", [this](const auto& sweep, const auto& why) {
    reports.lines.push_back("the sweep " + sweep + " failed: " + why.code + ' ' + why.detail);
  });
  workers_ = std::make_unique<engine::Workers>(*engine, "test");
  std::vector<gateway::Routes> routes;
  for (const auto& entry : entries) {
    if (entry.routes) routes.push_back(*entry.routes);
  }
  const gateway::IdempotencySecrets secrets(1);
  const auto table = std::make_shared<const gateway::RouteTable>(routes);
  for (const auto& entry : entries) {
    for (const auto& type : entry.domain.entities()) host(type, entry.domain.name());
    for (const auto& worker : entry.domain.workers()) workers_->add(entry.domain.name(), worker);
    if (sweeping == Sweeping::as_on_a_node) {
      for (const auto& sweep : entry.domain.sweeps()) sweeps_->add(sweep);
    }
    if (!entry.make_idempotency_parts) continue;
    auto parts = entry.make_idempotency_parts(table, secrets);
    host(parts.entity, entry.domain.name());
    sweeps_->add(std::move(parts.sweep));
  }
  engine->start();
  gateway::RoutedServiceOptions options;
  options.crashed = [this](std::string_view what) { reports.trouble(what); };
  service =
      std::make_unique<gateway::RoutedService>(*engine, table, signer, authenticator, secrets, std::move(options));
  sweeps_->start();
  workers_->begin();
}

void World::Parts::stop() {
  if (!engine) return;
  loops.stop();
  engine->stop(0ms);
  // Ends the commits that were handed over: a crash may come before or after any of them.
  for (auto& [protocol, store] : stores) store.end();
  engine.reset();
  service.reset();
  sweeps_.reset();
  workers_.reset();
  for (auto& [protocol, store] : stores) store.close();
  factory_.reset();
  data_.reset();
}

World::World(std::uint64_t seed, std::size_t loops) : parts_(std::make_unique<Parts>(seed, loops)) {}
World::~World() = default;

World& World::add(Domain domain) {
  parts_->know(domain);
  parts_->entries.push_back({std::move(domain), std::nullopt, nullptr});
  return *this;
}

World& World::add_routes(Domain domain, const DeclareRoutes& declare, const gateway::IdempotencyKeeper& keeper,
                         MakeIdempotencyParts make_idempotency_parts) {
  gateway::Routes routes(domain.name(), parts_->signer);
  routes.keeps_idempotency_keys(keeper);
  declare(routes);
  parts_->know(domain);
  parts_->entries.push_back({std::move(domain), std::move(routes), make_idempotency_parts});
  return *this;
}

World& World::sessions(gateway::Authenticator authenticator) {
  parts_->authenticator = std::move(authenticator);
  return *this;
}

World& World::attempts(std::uint32_t attempts) {
  parts_->calls.attempts = attempts;
  return *this;
}

World& World::without_sweeps() {
  parts_->sweeping = Parts::Sweeping::by_hand;
  return *this;
}

World& World::start() {
  parts_->start();
  return *this;
}

void World::restart() {
  parts_->stop();
  parts_->start();
}

void World::advance(std::chrono::milliseconds time) {
  static_cast<void>(engine());
  parts_->loops.run_until([] { return false; }, time);
}

bool World::step() {
  static_cast<void>(engine());
  return parts_->simulation.step();
}

void World::kill(const std::string& path) {
  std::optional<bool> killed;
  parts_->loops.loop(0).call([this, &path, &killed] { killed = engine().kill(path); });
  run_until([&killed] { return killed.has_value(); });
  if (!*killed) throw std::invalid_argument("nothing that lives has the path " + path);
}

Time World::now() const { return parts_->simulation.wall_time(); }

World& World::as(Principal principal) {
  parts_->principal = std::move(principal);
  return *this;
}

const Principal& World::principal() const { return parts_->principal; }

World& World::deadline(std::chrono::milliseconds time) {
  parts_->patience = time;
  return *this;
}

HttpAnswer World::http(std::string_view method, std::string target, std::vector<Header> headers, std::string body) {
  static_cast<void>(engine());
  HttpRequest request{std::string(method), std::move(target), std::move(body), std::move(headers)};
  const auto pending = detail::ask(*parts_->service, parts_->loops.loop(0), std::move(request));
  run_until([&pending] { return pending->is_over(); });
  return pending->take();
}

Header World::token(Uuid user, std::string role) const {
  const auto since = std::chrono::floor<std::chrono::seconds>(now());
  const gateway::TokenClaims claims{to_text(user), std::move(role), since, since + token_lifetime, 0};
  return {"Authorization", "Bearer " + parts_->signer->issue(claims)};
}

std::shared_ptr<const gateway::TokenSigner> World::signer() const { return parts_->signer; }

ProtocolStore& World::store(std::string_view protocol) {
  if (const auto found = parts_->stores.find(protocol); found != parts_->stores.end()) return found->second;
  throw std::invalid_argument("the world has no protocol " + std::string(protocol));
}

const std::vector<std::string>& World::reports() const { return parts_->reports.lines; }

void World::run_until(const std::function<bool()>& condition) {
  static_cast<void>(engine());
  if (!parts_->loops.run_until(condition, longest_wait)) {
    throw std::runtime_error("no answer came within an hour of virtual time; after a restart it never does");
  }
}

engine::Engine& World::engine() {
  if (!parts_->engine) throw std::logic_error("the world has not been started");
  return *parts_->engine;
}

std::chrono::milliseconds World::patience() const { return parts_->patience; }

Shared<Origin> World::origin() const { return Shared<Origin>(new Origin(parts_->principal, {})); }

}  // namespace troupe::testing
