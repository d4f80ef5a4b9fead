#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/node/application.hpp>
#include <troupe/testing/client.hpp>
#include <troupe/testing/names.hpp>
#include <troupe/testing/residue.hpp>
#include <troupe/testing/transcript.hpp>

namespace troupe::testing {

/// What the links between simulated nodes do.
enum class NetworkFaults : std::uint8_t {
  delays,              ///< frames take a while, those of different connections overtake each other
  broken_connections,  ///< and connections break, with all that is under way on them
};

struct ClusterOptions {
  /// The nodes and what they host, as parse_placement() reads it. One alone has no links.
  std::string placement = "gateway";
  std::string settings{};  ///< text added to the topology, such as "[settings.order]\nunpaid_after = \"2s\"\n"
  std::uint64_t seed = 1;
  std::size_t loops = 2;  ///< of each node
  NetworkFaults network = NetworkFaults::delays;
  /// Of a single node: whether each message goes through the codec, and what may be repeated arrives twice.
  enum class Messages : std::uint8_t { moved, encoded_twice } messages = Messages::moved;
  /// Answers the application's start hooks what an environment variable holds.
  std::function<std::optional<std::string>(std::string_view name)> environment = [](std::string_view) {
    return std::nullopt;
  };
};

/// An application spread over nodes, in one thread on virtual time, from one seed: real engines, links, gateways and
/// SQLite, each node with loops and a data folder of its own, over a simulated network.
///
/// ```
/// Cluster cluster(application, {.placement = "gateway*2 | user product | order*3", .seed = 7});
/// auto answers = cluster.exchange({{"GET", "/products"}});
/// ```
/// Requests go to the gateways in turn. Tokens are signed with a key of zeros. Errors: throws std::invalid_argument for
/// a placement that is no topology of the application. Threads: one.
class Cluster final : public Client {
 public:
  Cluster(const node::Application& application, ClusterOptions options);
  ~Cluster() override;

  std::vector<HttpAnswer> exchange(std::vector<HttpRequest> requests) override;
  void pass(std::chrono::milliseconds time) override;

  /// Lets what is under way come to its end on unbroken connections, and stops every node.
  void end();

  /// What is durable now on all nodes; see read_durable_state().
  DurableState durable_state(Names& names, const std::vector<Residue>& residue = {}) const;

  /// What went wrong so far and was no answer: handlers that threw, failed sweeps, trouble of the engines.
  const std::vector<std::string>& reports() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::testing
