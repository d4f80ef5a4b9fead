#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/engine/sweeps.hpp>
#include <troupe/engine/workers/workers.hpp>
#include <troupe/gateway/routed_service.hpp>
#include <troupe/loop/loop_driver.hpp>
#include <troupe/node/deployment.hpp>
#include <troupe/node/peers.hpp>
#include <troupe/storage/data_folder.hpp>
#include <troupe/storage/sqlite/store_factory.hpp>
#include <troupe/testing/detail/double_delivery.hpp>
#include <troupe/testing/detail/pending_answer.hpp>
#include <troupe/testing/detail/report_collector.hpp>
#include <troupe/topology/model.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::testing::detail {

/// What a simulated node runs on. Lifetime: longer than the node.
struct SimulatedMachine {
  loop::LoopDriver& loops;
  transport::Network& network;
  ReportCollector& reports;
  std::function<std::optional<std::string>(std::string_view name)> environment;
  Deliveries deliveries = Deliveries::once;  ///< of a node that is alone
};

/// One node of a topology in a simulation: all that its process would have, but threads and sockets.
class SimulatedNode {
 public:
  SimulatedNode(const node::Application& application, const topology::Topology& topology, const topology::Node& node,
                const SimulatedMachine& machine);
  ~SimulatedNode();
  SimulatedNode(const SimulatedNode&) = delete;
  SimulatedNode& operator=(const SimulatedNode&) = delete;

  bool has_gateway() const { return node_.gateway.has_value(); }
  /// Begins a start hook of the application; `ended` hears how it went.
  void begin(const node::Application::OnStart& hook, std::function<void(Outcome<Done>)> ended);
  /// The hooks are done: the domains' own work begins.
  void start_own_work();
  /// Of a node with a gateway.
  std::shared_ptr<PendingAnswer> ask(HttpRequest request);

  /// Ends it as a process that is killed: only what was committed is left.
  void stop();

 private:
  void open_gateway(const node::Application& application, const topology::Topology& topology);

  const topology::Node& node_;
  SimulatedMachine machine_;
  std::shared_ptr<node::Services> services_;
  storage::DataFolder folder_;
  storage::SqliteStoreFactory stores_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<DoubleDelivery> double_delivery_;
  std::unique_ptr<engine::Sweeps> sweeps_;
  std::unique_ptr<engine::Workers> workers_;
  std::unique_ptr<node::Deployment> deployment_;
  std::unique_ptr<node::Peers> peers_;
  std::unique_ptr<gateway::RoutedService> service_;
  std::size_t next_loop_ = 0;
};

}  // namespace troupe::testing::detail
