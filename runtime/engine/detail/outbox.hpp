#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/engine/call_context.hpp>

namespace troupe::engine {

class Host;

/// Delivers committed sends, one loop's: at least once, in order for each sender and receiver, with backoff, until the
/// receiver has answered. The receiver's inbox makes it once.
///
/// A rejection is an answer: the send is done, and the rejection reported. A protocol that this node doesn't know keeps
/// its sends waiting.
/// Source: the transactional outbox pattern.
class Outbox {
 public:
  Outbox(Engine& engine, LoopState& state);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Sends of one turn that was just committed; `envelopes` are the messages as they were made.
  void take(Host& sender_host, const Key& sender, std::vector<OutboxRow> rows, std::vector<EnvelopePtr> envelopes);
  /// A send that an earlier process left: it may have arrived.
  void recover(Host& sender_host, PendingSend send);

  /// How many senders have something on its way to one receiver. Threads: any.
  std::size_t queues() const { return queue_count_.load(std::memory_order_relaxed); }

 private:
  struct Item {
    Host* sender_host;
    Key sender;
    OutboxRow row;
    EnvelopePtr envelope;  ///< null after the first attempt
    std::uint16_t attempt = 0;
  };
  /// The sends of one sender to one receiver, of which the first is under way.
  struct DeliveryQueue;
  using RouteName = std::pair<Key, std::pair<std::string, Key>>;

  void add(Item item);
  void remove_queue(const RouteName& name);

  Engine& engine_;
  LoopState& state_;
  loop::Loop& loop_;
  std::map<RouteName, std::unique_ptr<DeliveryQueue>> queues_;
  std::atomic<std::size_t> queue_count_{0};
};

}  // namespace troupe::engine
