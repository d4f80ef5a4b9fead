#include <troupe/testing/cluster.hpp>

#include <stdexcept>
#include <utility>

#include <troupe/loop/simulation.hpp>
#include <troupe/testing/detail/simulated_node.hpp>
#include <troupe/testing/durable_state.hpp>
#include <troupe/testing/placement.hpp>
#include <troupe/testing/temporary_folder.hpp>
#include <troupe/topology/loader.hpp>
#include <troupe/transport/memory_network.hpp>

namespace troupe::testing {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_run = std::chrono::minutes(10);
constexpr auto hook_pause = 50ms;
/// Longer than any backoff, and than what a domain waits before it finishes what was left half done.
constexpr auto settling = 20s;

transport::MemoryNetwork::Faults faults_of(NetworkFaults network) {
  transport::MemoryNetwork::Faults faults;
  faults.shortest_delay = 200us;
  faults.longest_delay = 5000us;
  if (network == NetworkFaults::broken_connections) faults.break_chance = 0.005;
  return faults;
}

topology::Topology topology_of(const node::Application& application, const ClusterOptions& options,
                               const std::string& data) {
  const Placement placement = parse_placement(options.placement);
  const std::string text =
      "name = \"cluster\"\ndata = \"" + data + "\"\n\n" + tables_of(placement, Ports::numbered) + options.settings;
  auto parsed = topology::parse(text, options.placement, application.catalog(), options.environment);
  if (parsed) return *std::move(parsed.value);
  std::string faults;
  for (const auto& fault : parsed.faults) faults += to_string(fault) + '\n';
  throw std::invalid_argument(faults);
}

}  // namespace

class Cluster::Parts {
 public:
  Parts(const node::Application& application, ClusterOptions options);
  ~Parts();

  void run_start_hooks(const node::Application& application);
  void stop();
  detail::SimulatedNode& next_gateway() { return *gateways_[next_gateway_++ % gateways_.size()]; }
  void run_until(const std::function<bool()>& condition);

  TemporaryFolder folder{TemporaryFolder::in_memory()};
  const topology::Topology topology;
  loop::Simulation simulation;
  transport::MemoryNetwork network;
  detail::ReportCollector reports;

 private:
  void run_to_end(detail::SimulatedNode& node, const node::Application::OnStart& hook);

  std::vector<std::unique_ptr<detail::SimulatedNode>> nodes_;
  std::vector<detail::SimulatedNode*> gateways_;
  std::size_t next_gateway_ = 0;
};

Cluster::Parts::Parts(const node::Application& application, ClusterOptions options)
    : topology(topology_of(application, options, folder.path().string())),
      simulation(options.seed, 0),
      network(options.seed, faults_of(options.network)) {
  for (const auto& node : topology.nodes) {
    const bool twice = options.messages == ClusterOptions::Messages::encoded_twice;
    const detail::SimulatedMachine machine{simulation.add_node(options.loops), network.host(node.name), reports,
                                           options.environment,
                                           twice ? detail::Deliveries::twice : detail::Deliveries::once};
    nodes_.push_back(std::make_unique<detail::SimulatedNode>(application, topology, node, machine));
    if (nodes_.back()->has_gateway()) gateways_.push_back(nodes_.back().get());
  }
  if (gateways_.empty()) throw std::invalid_argument("no node hosts the gateway in: " + options.placement);
  run_start_hooks(application);
  for (auto& node : nodes_) node->start_own_work();
}

Cluster::Parts::~Parts() {
  stop();
  simulation.drop_jobs();
}

void Cluster::Parts::stop() {
  for (auto& node : nodes_) node->stop();
}

void Cluster::Parts::run_start_hooks(const node::Application& application) {
  for (auto* gateway : gateways_) {
    for (const auto& hook : application.start_hooks()) run_to_end(*gateway, hook);
  }
}

void Cluster::Parts::run_to_end(detail::SimulatedNode& node, const node::Application::OnStart& hook) {
  for (;;) {
    std::optional<Outcome<Done>> ended;
    node.begin(hook, [&ended](Outcome<Done> outcome) { ended.emplace(std::move(outcome)); });
    run_until([&ended] { return ended.has_value(); });
    if (ended->ok()) return;
    if (ended->rejected()) throw std::runtime_error("a start hook was rejected: " + ended->failure().code);
    simulation.advance(hook_pause);  // the others may not be linked yet
  }
}

void Cluster::Parts::run_until(const std::function<bool()>& condition) {
  if (!simulation.run_until(condition, longest_run)) {
    throw std::runtime_error("no answer came within ten minutes of virtual time");
  }
}

Cluster::Cluster(const node::Application& application, ClusterOptions options)
    : parts_(std::make_unique<Parts>(application, std::move(options))) {}
Cluster::~Cluster() = default;

std::vector<HttpAnswer> Cluster::exchange(std::vector<HttpRequest> requests) {
  std::vector<std::shared_ptr<detail::PendingAnswer>> pending;
  for (auto& request : requests) pending.push_back(parts_->next_gateway().ask(std::move(request)));
  std::vector<HttpAnswer> answers;
  for (const auto& each : pending) {
    parts_->run_until([&each] { return each->is_over(); });
    answers.push_back(each->take());
  }
  return answers;
}

void Cluster::pass(std::chrono::milliseconds time) { parts_->simulation.advance(time); }

void Cluster::end() {
  parts_->network.set_faults(faults_of(NetworkFaults::delays));
  parts_->simulation.advance(settling);
  parts_->stop();
}

DurableState Cluster::durable_state(Names& names, const std::vector<Residue>& residue) const {
  return read_durable_state(parts_->folder.path(), names, residue);
}

const std::vector<std::string>& Cluster::reports() const { return parts_->reports.lines; }

}  // namespace troupe::testing
