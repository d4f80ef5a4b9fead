#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/cluster/ask_codec.hpp>
#include <troupe/cluster/link_session.hpp>
#include <troupe/cluster/server.hpp>
#include <troupe/contract/envelope.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/remote_entities.hpp>
#include <troupe/transport/links.hpp>

namespace troupe::cluster {

/// Under this name a node tells its peers that it takes probes.
inline const std::string probe_feature = "probe";

/// Which node each shard of a protocol lives on, by the topology.
struct Placement {
  std::string protocol;
  std::vector<std::string> owners;  ///< a node's name for each shard
};

/// Told of what an operator should know of links. Threads: any loop.
class LinkReporter {
 public:
  virtual ~LinkReporter() = default;
  virtual void link_up(std::string_view peer) = 0;
  virtual void link_down(std::string_view peer, std::string_view why) = 0;
  /// Nothing is heard from a peer whose machine still acknowledges: the link stays for a while.
  virtual void link_silent(std::string_view peer) = 0;
  virtual void link_refused(std::string_view peer, std::string_view why) = 0;
  /// Who calls, by the name that it claims, was refused. Anybody can make this happen, as often as it likes.
  virtual void caller_refused(std::string_view claimed, std::string_view why) = 0;
  /// A link is up, but this protocol is not talked on it.
  virtual void protocol_refused(std::string_view /*peer*/, std::string_view /*protocol*/, std::string_view /*why*/) {}
};

/// Carries asks to the nodes that own their entities, in one hop, and serves those of other nodes.
///
/// Order of life: construct before the engine starts, connect() with links that use this as their receiver, then start
/// the engine. Threads: after that, any loop.
class Router final : public engine::RemoteEntities, public transport::Receiver {
 public:
  /// `self` is this node's name. Every protocol of `placements` is hosted by the engine, or known to it.
  Router(engine::Engine& engine, std::string self, const std::vector<Placement>& placements, LinkReporter& reporter);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Every owner that is not this node must be a peer of these links. Lifetime: longer than the engine runs.
  void connect(transport::Links& links);

  /// What is told to peers of the protocols that the engine has.
  transport::Fingerprints fingerprints() const { return protocols_.fingerprints(); }
  /// What is told to peers of what a router understands beyond the calls.
  static transport::Features features() { return {probe_feature}; }

  void deliver(engine::Host& host, EnvelopePtr envelope, std::uint64_t hash, loop::Loop& from) override;
  void query(engine::Host& host, EnvelopePtr envelope, loop::Loop& from) override;
  void forget(engine::Host& host, const Envelope& asked, std::uint64_t request, loop::Loop& from) noexcept override;
  void follow(engine::Host& host, const Envelope& asked, std::uint64_t request, const engine::deadlock::Probe& probe,
              loop::Loop& from) override;

  transport::Taken on_frame(transport::Link& link, const transport::Frame& frame) override;
  void on_lost(loop::Loop& loop, std::uint64_t request, transport::Fate fate, const std::string& why) override;
  void on_up(transport::Link& link) override;
  void on_down(transport::Link& link, const std::string& why) override;
  void on_silent(transport::Link& link) override;
  void on_refused(const std::string& peer, const transport::Refusal& refusal, transport::RefusedBy by) override;
  void on_caller_refused(const std::string& claimed, const transport::Refusal& refusal,
                         transport::RefusedBy by) override;
  void on_unreachable(const std::string& peer, const std::string& why) override;

 private:
  struct Route;
  struct LoopState;
  enum class Part : std::uint8_t { no, yes };

  void send(const Route& route, std::size_t peer, std::size_t shard, EnvelopePtr envelope, std::uint64_t request,
            Part part, loop::Loop& from);
  /// The envelope that waits for the answer to a request; it waits no more.
  EnvelopePtr claim(loop::Loop& loop, std::uint64_t request);
  void complete(transport::Link& link, const transport::Frame& frame);
  void learn(transport::Link& link, const transport::Frame& frame);
  bool read_answer(Envelope& envelope, const transport::Frame& frame, std::vector<Fault>& faults) const;
  /// Where an entity lives that is not here; null: nobody knows.
  transport::Peer* owner_of(const engine::Host& host, const Key& target) const;
  /// Null: there is none, and the envelope is answered.
  const Route* route_to(engine::Host& host, EnvelopePtr& envelope);

  engine::Engine& engine_;
  const std::string self_;
  LinkReporter& reporter_;
  const KnownProtocols protocols_;
  Server server_;
  std::vector<std::string> peer_names_;  ///< by their number in routes
  std::vector<transport::Peer*> peers_;
  boost::unordered_flat_map<const engine::Host*, std::unique_ptr<Route>> routes_;
  std::vector<std::unique_ptr<LoopState>> loop_states_;  ///< by loop
};

}  // namespace troupe::cluster
