#include <troupe/engine/detail/outbox.hpp>

#include <limits>

#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/resilience/backoff.hpp>

namespace troupe::engine {

namespace {

constexpr auto delivery_deadline = std::chrono::seconds(30);
constexpr resilience::Backoff redelivery{std::chrono::milliseconds(40), std::chrono::seconds(10),
                                         resilience::Backoff::Jitter::equal};

}  // namespace

struct Outbox::DeliveryQueue final : Listener {
  Outbox& outbox;
  RouteName name;
  std::deque<Item> items;
  PendingAsk ask;
  std::uint64_t pause = 0;

  /// Delivers on behalf of a queue; it has no coroutine, so it only passes on what it hears. It ends with its queue.
  struct Caller final : CallContext {
    DeliveryQueue& queue;
    explicit Caller(DeliveryQueue& queue)
        : CallContext(queue.outbox.engine_, queue.outbox.state_, queue.outbox.engine_.outboxes()), queue(queue) {}
    ~Caller() override = default;
    void ended() override { queue.outbox.remove_queue(RouteName(queue.name)); }
    void allow(Shared<Origin> origin, Instant deadline) {
      origin_ = std::move(origin);
      deadline_ = deadline;
    }
  } caller;

  DeliveryQueue(Outbox& outbox, RouteName name) : outbox(outbox), name(std::move(name)), caller(*this) {}
  ~DeliveryQueue() {
    if (ask.request != 0) caller.forget(ask);
    if (pause != 0) caller.cancel_pause(pause);
  }

  void deliver() {
    Item& item = items.front();
    EnvelopePtr envelope = std::move(item.envelope);
    if (!envelope) envelope = decode(item);
    if (!envelope) return drop();
    envelope->one_way = true;
    envelope->operation = item.row.operation;
    envelope->attempt = item.attempt;
    // Never back to 0, which would tell the receiver that it can't have seen this one.
    if (item.attempt < std::numeric_limits<std::uint16_t>::max()) ++item.attempt;
    caller.allow(envelope->origin ? envelope->origin : Shared<Origin>(new Origin(item.row.principal, item.row.trace)),
                 outbox.loop_.now() + delivery_deadline);
    ask = PendingAsk{};
    ask.envelope = std::move(envelope);
    ask.listener = this;
    caller.ask(ask);
    if (ask.answered) go_on_later();
  }

  /// Every step of a queue is taken inside its caller's run, which is also where it ends.
  void go_on_later() {
    outbox.loop_.defer({[](void* queue, std::uint64_t) {
                          auto& self = *static_cast<DeliveryQueue*>(queue);
                          self.caller.resume(self);
                        },
                        this});
  }

  EnvelopePtr decode(const Item& item) {
    const MessageInfo* info = outbox.engine_.find_message(item.row.protocol, item.row.message);
    if (!info) return {};
    std::vector<Fault> faults;
    EnvelopePtr envelope = info->from_json(item.row.body, faults);
    if (envelope) envelope->target = item.row.target;
    return envelope;
  }

  /// The first send can't be understood by this program: it stays in the database, for one that does.
  void drop() {
    const Item& item = items.front();
    outbox.engine_.report_trouble("a send of " + std::string(item.sender_host->name()) + '/' + item.sender.to_string() +
                                  " to " + item.row.protocol + '.' + item.row.message +
                                  " can't be delivered: the message is not known here");
    next();
  }

  void next() {
    items.front().sender_host->send_ended();
    items.pop_front();
    if (items.empty()) return caller.finish();
    go_on_later();
  }

  void on_ready() override {
    pause = 0;
    if (!std::exchange(ask.answered, false)) return deliver();
    const auto failure = std::move(ask.failure);
    const Item& item = items.front();
    if (failure && !failure->rejected()) return retry_later(*failure);
    if (failure) {
      outbox.engine_.report_trouble(item.row.protocol + '/' + item.row.target.to_string() + " rejected " +
                                    item.row.message + " sent by " + std::string(item.sender_host->name()) + '/' +
                                    item.sender.to_string() + ": " + failure->code);
    }
    if (Store* store = item.sender_host->store()) store->acknowledge(item.sender, item.row.sequence);
    next();
  }

  void retry_later(const Failure& failure) {
    const Item& item = items.front();
    if (item.attempt == 8) {
      outbox.engine_.report_trouble("a send to " + item.row.protocol + '/' + item.row.target.to_string() +
                                    " fails again and again (" + failure.code + "); it is tried on");
    }
    caller.allow({}, outbox.loop_.now() + delivery_deadline);
    pause = caller.start_pause(redelivery.wait(item.attempt, outbox.loop_.random()), *this);
  }
};

Outbox::Outbox(Engine& engine, LoopState& state) : engine_(engine), state_(state), loop_(state.loop) {}
Outbox::~Outbox() = default;

void Outbox::add(Item item) {
  RouteName name{item.sender, {item.row.protocol, item.row.target}};
  auto& queue = queues_[name];
  const bool fresh = !queue;
  if (fresh) {
    queue = std::make_unique<DeliveryQueue>(*this, std::move(name));
    ++queue_count_;
  }
  item.sender_host->send_begun();
  queue->items.push_back(std::move(item));
  if (fresh) queue->go_on_later();
}

void Outbox::remove_queue(const RouteName& name) {
  queues_.erase(name);
  --queue_count_;
}

void Outbox::take(Host& sender_host, const Key& sender, std::vector<OutboxRow> rows,
                  std::vector<EnvelopePtr> envelopes) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add({&sender_host, sender, std::move(rows[i]), std::move(envelopes[i]), 0});
  }
}

void Outbox::recover(Host& sender_host, PendingSend send) {
  add({&sender_host, std::move(send.sender), std::move(send.row), {}, 1});
}

}  // namespace troupe::engine
