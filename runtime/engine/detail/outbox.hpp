#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/engine/call_context.hpp>

namespace troupe::engine {

class Host;

/// Deliveries on which a receiver may crash before the send is given up.
inline constexpr std::uint8_t crashes_until_burial = 5;
/// Dead letters of a protocol on this node. At so many no more are buried: their queues wait, as do those behind them.
inline constexpr std::uint64_t dead_letters_limit = 100'000;

/// Delivers the committed sends of one loop: at least once, in order for each sender and receiver, with backoff, until
/// the receiver has answered. The receiver's inbox drops what arrives twice.
///
/// A rejection is an answer: the send is done, and the rejection reported. A protocol that this node doesn't know keeps
/// its sends waiting. A send on which its receiver crashes again and again becomes a dead letter, so that those behind
/// it go on; no other failure counts, and after a restart they are counted anew. Source: the transactional outbox
/// pattern; Enterprise Integration Patterns, "Dead Letter Channel".
///
/// Whatever is thrown on the way holds the sends of that domain up, and is told to the engine; its relay, a leaf of the
/// supervision tree, lets them go on (outbox_relay.hpp).
class Outbox {
 public:
  Outbox(Engine& engine, LoopState& state);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Sends of one turn that was just committed; `envelopes` are the messages as they were made.
  void take(Host& sender_host, const Key& sender, std::vector<OutboxRow> rows, std::vector<EnvelopePtr> envelopes);
  /// A send that an earlier process left, or that was a dead letter: it may have arrived. It takes its place among
  /// those that wait.
  void recover(Host& sender_host, PendingSend send);

  /// Holds up the sends of this domain's entities: what is under way is given up, and is delivered again, as something
  /// that may have arrived, once they go on. What is committed meanwhile waits.
  void hold(std::string_view domain);
  /// They go on.
  void release(std::string_view domain);

  /// How many senders have something on its way to one receiver. Threads: any.
  std::size_t queues() const { return queue_count_.load(std::memory_order_relaxed); }

 private:
  struct Item {
    Host* sender_host;
    Key sender;
    OutboxRow row;
    EnvelopePtr envelope;  ///< null after the first attempt
    std::uint16_t attempt = 0;
    std::uint8_t crashes = 0;  ///< of its receiver, on this send
  };
  /// The sends of one sender to one receiver, of which the first is under way.
  struct DeliveryQueue;
  using RouteName = std::pair<Key, std::pair<std::string, Key>>;

  bool holds(const Host& sender_host) const;
  DeliveryQueue& queue_of(const Item& item);
  void remove_queue(const RouteName& name);

  Engine& engine_;
  LoopState& state_;
  loop::Loop& loop_;
  std::map<RouteName, std::unique_ptr<DeliveryQueue>> queues_;
  std::set<std::string, std::less<>> held_;  ///< domains
  std::atomic<std::size_t> queue_count_{0};
};

}  // namespace troupe::engine
