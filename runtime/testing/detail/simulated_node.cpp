#include <troupe/testing/detail/simulated_node.hpp>

#include <chrono>
#include <utility>

#include <troupe/testing/detail/trust_token.hpp>

namespace troupe::testing::detail {

namespace {

using namespace std::chrono_literals;

constexpr auto hook_patience = 30s;

std::shared_ptr<node::Services> services_of(const SimulatedMachine& machine, const topology::Node& node) {
  auto services = std::make_shared<node::Services>();
  services->signer = std::make_shared<gateway::TokenSigner>(gateway::TokenKey{});
  services->environment = machine.environment;
  services->random_text = [](std::size_t length) { return std::string(length, 'x'); };
  services->print = [](std::string_view) {};
  if (node.gateway) {
    services->gateway_address = topology::to_string(*node.gateway);
    services->gateway_is_loopback = topology::is_loopback(*node.gateway);
  }
  return services;
}

}  // namespace

SimulatedNode::SimulatedNode(const node::Application& application, const topology::Topology& topology,
                             const topology::Node& node, const SimulatedMachine& machine)
    : node_(node),
      machine_(machine),
      services_(services_of(machine, node)),
      folder_(topology.data, node.name),
      stores_(folder_, machine.loops.workers(),
              {.fatal = [&reports = machine.reports](const std::string& text) { reports.lines.push_back(text); }}) {
  machine_.loops.start();
  engine_ = std::make_unique<engine::Engine>(machine_.loops, machine_.reports);
  engine_->set_call_policies(node::call_policies(topology));
  sweeps_ = std::make_unique<engine::Sweeps>(*engine_, node.name, [this](const auto& sweep, const auto& why) {
    // Between nodes a link may be gone for a moment: the sweep is tried again.
    if (!peers_) machine_.reports.trouble("the sweep " + sweep + " failed: " + why.code + ' ' + why.detail);
  });
  workers_ = std::make_unique<engine::Workers>(*engine_, node.name);
  deployment_ =
      std::make_unique<node::Deployment>(application, topology, node, *services_, gateway::IdempotencySecrets(1));
  deployment_->take_into({*engine_, stores_, *sweeps_, *workers_});
  if (topology.nodes.size() > 1) {
    peers_ = std::make_unique<node::Peers>(*engine_, machine_.network, topology, node, folder_.incarnation(),
                                           observe::Log());
  } else if (machine_.deliveries == Deliveries::twice) {
    double_delivery_ = std::make_unique<DoubleDelivery>(*engine_, machine_.reports);
    engine_->use(*double_delivery_, engine::Engine::Carries::all_asks);
  }
  engine_->start();
  if (node.gateway) open_gateway(application, topology);
}

SimulatedNode::~SimulatedNode() { stop(); }

void SimulatedNode::open_gateway(const node::Application& application, const topology::Topology& topology) {
  gateway::RoutedServiceOptions options;
  options.deadline = topology.gateway.deadline;
  options.crashed = [this](std::string_view what) { machine_.reports.trouble(what); };
  const auto& authenticator = application.authenticator();
  service_ = std::make_unique<gateway::RoutedService>(*engine_, deployment_->routes(), services_->signer,
                                                      authenticator ? authenticator : &trust_token,
                                                      deployment_->secrets(), std::move(options));
}

void SimulatedNode::begin(const node::Application::OnStart& hook, std::function<void(Outcome<Done>)> ended) {
  loop::Loop& loop = machine_.loops.loop(0);
  loop.call([this, &loop, &hook, ended = std::move(ended)]() mutable {
    engine::RootOptions options{Shared<Origin>(new Origin(Principal::of_node(node_.name), {})),
                                loop.now() + hook_patience};
    engine_->run(loop, std::move(options), hook(services_), std::move(ended));
  });
}

std::shared_ptr<PendingAnswer> SimulatedNode::ask(HttpRequest request) {
  loop::Loop& loop = machine_.loops.loop(next_loop_++ % machine_.loops.size());
  return detail::ask(*service_, loop, std::move(request));
}

void SimulatedNode::start_own_work() {
  sweeps_->start();
  workers_->begin();
}

void SimulatedNode::stop() {
  if (!engine_) return;
  machine_.loops.stop();
  engine_->stop(0ms);
  // Ends the commits that were handed over: a crash may come before or after any of them.
  deployment_->close_stores();
  engine_.reset();
  service_.reset();
  sweeps_.reset();
  workers_.reset();
  peers_.reset();
  double_delivery_.reset();
  deployment_.reset();
}

}  // namespace troupe::testing::detail
