#include <troupe/node/node.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include <troupe/engine/engine.hpp>
#include <troupe/engine/sweeps.hpp>
#include <troupe/engine/workers/workers.hpp>
#include <troupe/http/server.hpp>
#include <troupe/node/data_layout.hpp>
#include <troupe/node/deployment.hpp>
#include <troupe/node/detail/admin.hpp>
#include <troupe/node/detail/engine_log.hpp>
#include <troupe/node/detail/gateway.hpp>
#include <troupe/node/detail/loop_watch.hpp>
#include <troupe/node/detail/make_services.hpp>
#include <troupe/node/detail/run_on.hpp>
#include <troupe/node/detail/telemetry.hpp>
#include <troupe/node/node_data.hpp>
#include <troupe/node/peers.hpp>
#include <troupe/node/readiness/dependency_probe.hpp>
#include <troupe/node/readiness/node_readiness.hpp>
#include <troupe/node/supervision_tree.hpp>
#include <troupe/observe/process.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>
#include <troupe/transport/socket_network.hpp>

namespace troupe::node {

namespace {

/// What a node that was not ready has under way waits for others: it is not worth the whole drain.
constexpr auto unready_drain = std::chrono::seconds(1);

}  // namespace

class Node::Parts {
 public:
  Parts(const Application& application, const topology::Topology& topology, const topology::Node& node,
        NodeOptions options)
      : application_(application), topology_(topology), node_(node), options_(std::move(options)) {}
  ~Parts() { stop(); }

  Addresses start();
  void stop();

 private:
  /// What nodes whose links have no secret of their own prove to each other: that they share the data folder, which
  /// others on this machine can't read.
  std::string machine_secret();
  void make_services();
  void make_engine();
  /// Joins the other nodes, where there are any.
  void join_peers();
  void run_start_hooks();
  bool stop_wanted() const { return options_.stop_wanted && options_.stop_wanted(); }
  void go_on_if_wanted() const {
    if (stop_wanted()) throw StartInterrupted();
  }
  void make_gateway();
  void make_readiness();
  void open_admin();
  /// Brings what is told of links and entities up to date. Threads: the first loop's.
  void refresh(std::function<void()> then);
  observe::Status status() const;
  std::vector<observe::Check> checks() const;

  const Application& application_;
  const topology::Topology& topology_;
  const topology::Node& node_;
  NodeOptions options_;

  std::unique_ptr<NodeData> data_;
  std::unique_ptr<loop::ThreadedLoops> loops_;
  std::unique_ptr<LoopWatch> loop_watch_;  ///< null: the topology wants none
  std::unique_ptr<EngineLog> engine_log_;
  std::unique_ptr<storage::SqliteStoreFactory> store_factory_;
  std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<transport::SocketNetwork> network_;
  std::unique_ptr<Peers> peers_;                       ///< null: the node is alone
  std::unique_ptr<DependencyProbe> dependency_probe_;  ///< null: no gateway waits for them
  std::unique_ptr<engine::Engine> engine_;
  std::shared_ptr<Services> services_;
  std::unique_ptr<StartHooks> start_hooks_;
  std::unique_ptr<Gateway> gateway_;  ///< null: the topology has it elsewhere
  std::unique_ptr<NodeReadiness> readiness_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<http::Server> admin_server_;
  std::unique_ptr<engine::Sweeps> sweeps_;
  std::unique_ptr<engine::Workers> workers_;
  std::unique_ptr<Telemetry> telemetry_;
  Time started_at_{};
  bool running_ = false;
  enum class Phase : std::uint8_t { starting, ready, ending };
  std::atomic<Phase> phase_{Phase::starting};
};

std::string Node::Parts::machine_secret() {
  if (!topology_.secrets.empty()) return {};
  const auto secret = data_->secret("links");
  return {secret.begin(), secret.end()};
}

void Node::Parts::make_services() {
  services_ = node::make_services(application_, node_, options_, *data_);
  deployment_ =
      std::make_unique<Deployment>(application_, topology_, node_, *services_, data_->secrets(idempotency_secret));
}

void Node::Parts::make_engine() {
  loops_ = std::make_unique<loop::ThreadedLoops>(node_.loops.value_or(0));
  engine_log_ = std::make_unique<EngineLog>(options_.log, application_.name(), options_.on_gave_up);
  store_factory_ = std::make_unique<storage::SqliteStoreFactory>(
      [this](const std::string& protocol) { return data_->file_of(protocol); }, loops_->workers(),
      storage::StoreEvents{options_.on_fatal, [this](const std::string& protocol, const std::string& trouble) {
                             engine_log_->storage_changed(protocol, trouble);
                           }});
  store_factory_->set_owner(topology_.name, node_.name);
  engine_ = std::make_unique<engine::Engine>(*loops_, *engine_log_);
  engine_->set_call_policies(call_policies(topology_));
  engine_->supervise(node_.name, supervisor_flags(topology_));
  if (const auto& [report, exit] = topology_.watchdog; report > Duration::zero()) {
    loop_watch_ = std::make_unique<LoopWatch>(*loops_, loop::WatchdogLimits{report, exit}, options_.exit_when_stuck,
                                              options_.log);
  }
  sweeps_ =
      std::make_unique<engine::Sweeps>(*engine_, node_.name, [log = options_.log](const auto& sweep, const auto& why) {
        log.warning("a sweep failed; it is tried again",
                    {{"sweep", sweep}, {"code", why.code}, {"detail", why.detail}});
      });
  workers_ = std::make_unique<engine::Workers>(*engine_, node_.name);
}

void Node::Parts::join_peers() {
  if (topology_.nodes.size() == 1) return;
  network_ = std::make_unique<transport::SocketNetwork>(*loops_);
  peers_ = std::make_unique<Peers>(*engine_, *network_, topology_, node_, data_->folder().incarnation(), options_.log,
                                   machine_secret());
}

void Node::Parts::run_start_hooks() {
  // Among several nodes it is the edge that begins an application.
  if (topology_.nodes.size() > 1 && !node_.gateway) return;
  start_hooks_ = std::make_unique<StartHooks>(
      *engine_, *loops_, node_.name, services_, [this] { return stop_wanted(); }, options_.log);
  start_hooks_->run(application_.start_hooks(),
                    peers_ ? StartHooks::Repetition::until_others_answer : StartHooks::Repetition::none);
}

void Node::Parts::make_gateway() {
  gateway_ = std::make_unique<Gateway>(*engine_, *loops_, application_, *deployment_, *services_, topology_.gateway,
                                       GatewayListeners{options_.log, telemetry_->request_times()});
  dependency_probe_ = std::make_unique<DependencyProbe>(*engine_, node_.name, protocols_behind_routes(application_));
}

void Node::Parts::make_readiness() {
  ReadinessSources sources;
  sources.trouble_of_node = [this]() -> std::optional<std::string> {
    const Phase phase = phase_;
    if (phase == Phase::ready) return std::nullopt;
    return phase == Phase::starting ? "it is starting" : "it is ending";
  };
  sources.trouble_of_loop = [this](std::size_t loop) {
    return loop_watch_ ? loop_watch_->trouble_of(loop) : std::nullopt;
  };
  sources.checks = [this] { return checks(); };
  readiness_ = std::make_unique<NodeReadiness>(*engine_, dependency_probe_.get(), std::move(sources));
}

void Node::Parts::open_admin() {
  if (gateway_) telemetry_->add_gateway([this] { return gateway_->stats(); });
  AdminSources sources;
  sources.node = node_.name;
  sources.topology = topology_.name;
  sources.address = node_.admin;
  sources.refresh = [this](std::function<void()> then) { refresh(std::move(then)); };
  sources.status = [this] { return status(); };
  sources.readiness = [this](std::function<void(observe::Readiness)> then) { readiness_->ask(std::move(then)); };
  sources.metrics = [this] { return telemetry_->to_prometheus(); };
  sources.log = options_.log;
  admin_ = std::make_unique<Admin>(*engine_, std::move(sources));
  http::ServerOptions server_options;
  server_options.limits.connections = 64;
  admin_server_ = std::make_unique<http::Server>(std::vector{&loops_->io(0)}, *admin_, std::move(server_options));
  run_on(loops_->loop(0), [this] { admin_server_->listen(topology::to_string(node_.listening(node_.admin))); });
}

void Node::Parts::refresh(std::function<void()> then) {
  if (!peers_) return telemetry_->refresh(std::move(then));
  peers_->describe([this, then = std::move(then)](std::vector<observe::LinkStatus> links) mutable {
    telemetry_->set_links(std::move(links));
    telemetry_->refresh(std::move(then));
  });
}

Addresses Node::Parts::start() {
  started_at_ = loop::system_clock().wall();
  data_ = std::make_unique<NodeData>(topology_, node_, application_.name());
  make_engine();
  make_services();
  deployment_->take_into({*engine_, *store_factory_, *sweeps_, *workers_});
  data_->keep_record();
  go_on_if_wanted();
  join_peers();
  engine_->start();
  running_ = true;
  telemetry_ = std::make_unique<Telemetry>(*engine_, loop_watch_.get());
  // Made before the admin listener, which tells of it on another thread.
  if (node_.gateway) make_gateway();
  Addresses addresses{node_.name, {}, {}, {}};
  if (peers_ && node_.link) addresses.link = node_.reachable(*node_.link, peers_->address());
  // Taken before anything is printed or made, so that a second process on the same port leaves no trace.
  make_readiness();
  open_admin();
  addresses.admin = node_.reachable(node_.admin, admin_server_->address());
  if (gateway_) {
    addresses.gateway = gateway_->open(*node_.gateway);
    services_->gateway_address = *addresses.gateway;
  }
  run_start_hooks();
  sweeps_->start();
  workers_->begin();
  phase_ = Phase::ready;
  observe::Log log = options_.log;
  if (addresses.gateway) log = log.with({{"gateway", *addresses.gateway}});
  if (addresses.admin) log = log.with({{"admin", *addresses.admin}});
  if (addresses.link) log = log.with({{"link", *addresses.link}});
  log.info("ready");
  return addresses;
}

void Node::Parts::stop() {
  const Phase before = phase_.exchange(Phase::ending);
  if (before == Phase::ending) return;
  // One limit for all: whatever takes long leaves less to what comes after it.
  const auto limit =
      before == Phase::ready ? topology_.gateway.drain : std::min<Duration>(topology_.gateway.drain, unready_drain);
  const Instant end = loop::system_clock().monotonic() + limit;
  const auto left = [end] {
    return std::max(std::chrono::ceil<Duration>(end - loop::system_clock().monotonic()), Duration{0});
  };
  if (sweeps_) sweeps_->stop();
  if (gateway_) gateway_->drain(left());
  if (peers_ && running_) peers_->drain(left());
  if (workers_) workers_->quiesce();
  if (engine_ && !engine_->stop(left())) options_.log.warning("the node stopped with work under way: it was cut off");
  if (deployment_) deployment_->close_stores();
  admin_server_.reset();
  if (gateway_) gateway_->close();
  sweeps_.reset();
  workers_.reset();
  engine_.reset();
  loop_watch_.reset();
  peers_.reset();
  dependency_probe_.reset();
  network_.reset();
  gateway_.reset();
  start_hooks_.reset();
  deployment_.reset();
  store_factory_.reset();
}

observe::Status Node::Parts::status() const {
  observe::Status status;
  status.node = node_.name;
  status.incarnation = data_->folder().incarnation();
  status.topology = topology_.name;
  status.version = application_.version();
  status.started_at = started_at_;
  status.uptime = loop::system_clock().wall() - started_at_;
  status.resident_bytes = observe::process_usage().resident_bytes;
  if (gateway_) status.gateway = gateway_->status();
  telemetry_->describe(status);
  return status;
}

std::vector<observe::Check> Node::Parts::checks() const {
  auto checks = peers_ ? peers_->checks() : std::vector<observe::Check>();
  for (const auto& [protocol, store] : deployment_->stores()) {
    const std::string trouble = store->trouble();
    checks.push_back({"storage " + protocol, trouble.empty() ? observe::Health::ok : observe::Health::failing,
                      trouble.empty() ? std::nullopt : std::optional(trouble)});
  }
  return checks;
}

Node::Node(const Application& application, const topology::Topology& topology, const topology::Node& node,
           NodeOptions options)
    : parts_(std::make_unique<Parts>(application, topology, node, std::move(options))) {}
Node::~Node() = default;

Addresses Node::start() { return parts_->start(); }
void Node::stop() { parts_->stop(); }

}  // namespace troupe::node
