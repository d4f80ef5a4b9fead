#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/transport/identity.hpp>
#include <troupe/transport/limits.hpp>
#include <troupe/transport/network.hpp>
#include <troupe/transport/peer.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::transport {

/// The links of one node, or of a client.
///
///     Links links({&loop}, network, self, receiver);
///     links.listen("127.0.0.1:7101");
///     Peer& catalog = links.add_peer("catalog", "127.0.0.1:7102");
///
/// Threads: `listen` and `add_peer` before the loops run; `drain` and `close` from any; the rest as said.
/// Lifetime: loops, network and receiver outlive it. It is destroyed when its loops no longer run, or by the one
/// thread of a simulation; the receiver hears nothing of that.
class Links {
 public:
  /// Errors: throws std::invalid_argument for a Self without a name or cluster, or with longer ones than 128 octets.
  Links(std::vector<loop::Loop*> loops, Network& network, Self self, Receiver& receiver, const Limits& limits = {});
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// Accepts peers on the first loop, and hands each to the loop that it asks for.
  /// Errors: throws ListenError.
  void listen(std::string_view address);
  /// Where it listens, with the real port; empty: nowhere.
  std::string address() const;

  /// Errors: throws std::invalid_argument for what is no address.
  /// Lifetime: of the links.
  Peer& add_peer(const std::string& name, std::string_view address);
  /// Null where there is none of that name.
  Peer* find_peer(std::string_view name) const;

  /// Accepts no more and asks every peer to begin no more asks; each link closes when nothing is under way on it, and
  /// after `limit` anyhow. Asks of our own may still be sent meanwhile. Then calls `done`, on the first loop. Once.
  void drain(std::chrono::milliseconds limit, std::function<void()> done);
  /// Closes everything at once: asks under way are lost.
  void close(const std::string& why);

  /// Visits the links of a loop, on it.
  void each_link(loop::Loop& here, const std::function<void(Link&)>& visit);

 private:
  std::shared_ptr<detail::NodeLinks> node_;
};

}  // namespace troupe::transport
