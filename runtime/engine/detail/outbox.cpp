#include <troupe/engine/detail/outbox.hpp>

#include <algorithm>
#include <exception>
#include <limits>

#include <troupe/contract/exception_text.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/resilience/backoff.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::engine {

namespace {

constexpr auto delivery_deadline = std::chrono::seconds(30);
constexpr resilience::Backoff redelivery{std::chrono::milliseconds(40), std::chrono::seconds(10),
                                         resilience::Backoff::Jitter::equal};
constexpr std::size_t longest_reason = 1000;

/// What is kept of a crash. Its text may be of any length, and whatever an exception says.
std::string reason_of(const Failure& failure) {
  std::string text = failure.unknown() ? "it may have been done in part: " + failure.detail : failure.detail;
  if (text.size() > longest_reason) {
    text.resize(longest_reason);
    // No character is cut in two.
    for (int i = 0; i < 3 && !wire::is_utf8(text); ++i) text.pop_back();
  }
  if (wire::is_utf8(text)) return text;
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace

struct Outbox::DeliveryQueue final : Listener {
  Outbox& outbox;
  RouteName name;
  std::deque<Item> items;
  PendingAsk ask;
  std::uint64_t pause = 0;
  bool is_woken = false;  ///< a job of the loop names this queue
  struct Burial;
  std::unique_ptr<Burial> burial;  ///< of the first item, while it is tried

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
  ~DeliveryQueue() { give_up_waiting(); }

  const Host& sender_host() const { return *items.front().sender_host; }

  void give_up_waiting() {
    if (ask.request != 0) caller.forget(ask);
    if (pause != 0) caller.cancel_pause(std::exchange(pause, 0));
  }

  void deliver() {
    Item& item = items.front();
    EnvelopePtr envelope = std::move(item.envelope);
    std::string fault;
    if (!envelope) envelope = decode(item, fault);
    if (!envelope) return drop(fault);
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

  std::string named_send() const {
    const Item& item = items.front();
    return "a send of " + std::string(item.sender_host->name()) + '/' + item.sender.to_string() + " to " +
           item.row.protocol + '/' + item.row.target.to_string() + " (" + item.row.message + ')';
  }

  /// Every step of a queue is taken inside its caller's run, which is also where it ends.
  void go_on_later() {
    if (std::exchange(is_woken, true)) return;
    outbox.loop_.defer({[](void* queue, std::uint64_t) {
                          auto& self = *static_cast<DeliveryQueue*>(queue);
                          self.is_woken = false;
                          self.caller.resume(self);
                        },
                        this});
  }

  /// Null: it can't be read; the fault says why.
  EnvelopePtr decode(const Item& item, std::string& fault) {
    fault = "the message is not known here";
    const MessageInfo* info = outbox.engine_.find_message(item.row.protocol, item.row.message);
    if (!info) return {};
    std::vector<Fault> faults;
    try {
      EnvelopePtr envelope = info->from_json(item.row.body, faults);
      if (envelope) envelope->target = item.row.target;
      if (!faults.empty()) fault = faults.front().pointer + ' ' + faults.front().detail;
      return envelope;
    } catch (...) {
      fault = "its codec threw: " + text_of(std::current_exception());
      return {};
    }
  }

  /// The first send can't be understood by this program: it stays in the database, for one that does.
  void drop(const std::string& fault) {
    const Item& item = items.front();
    outbox.engine_.report_trouble("a send of " + std::string(item.sender_host->name()) + '/' + item.sender.to_string() +
                                  " to " + item.row.protocol + '.' + item.row.message +
                                  " can't be delivered: " + fault);
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
    if (outbox.holds(sender_host())) return;  // what it has heard is looked at when it goes on
    try {
      go_on();
    } catch (...) {
      const std::string domain(sender_host().domain());
      outbox.hold(domain);
      outbox.engine_.relay_crashed(domain, named_send() + ": " + text_of(std::current_exception()));
    }
  }

  void go_on() {
    if (burial) return go_on_burying();
    if (!std::exchange(ask.answered, false)) return deliver();
    const auto failure = std::move(ask.failure);
    if (failure && !failure->rejected()) return failed(*failure);
    const Item& item = items.front();
    if (failure) {
      outbox.engine_.report_trouble(item.row.protocol + '/' + item.row.target.to_string() + " rejected " +
                                    item.row.message + " sent by " + std::string(item.sender_host->name()) + '/' +
                                    item.sender.to_string() + ": " + failure->code);
    }
    if (Store* store = item.sender_host->store()) store->acknowledge(item.sender, item.row.sequence);
    next();
  }

  void failed(const Failure& failure) {
    Item& item = items.front();
    if (failure.code == failure_code::actor_crashed && ++item.crashes >= crashes_until_burial) return bury(failure);
    if (item.attempt == 8) {
      outbox.engine_.report_trouble(named_send() + " fails again and again (" + failure.code + "); it is tried on");
    }
    pause_before(item.attempt);
  }

  void pause_before(std::uint32_t attempt) {
    caller.allow({}, outbox.loop_.now() + delivery_deadline);
    pause = caller.start_pause(redelivery.wait(attempt, outbox.loop_.random()), *this);
  }

  void bury(const Failure& failure);
  void try_to_bury();
  void go_on_burying();
  void bury_later(const std::string& why);
};

/// The way of the first send of a queue to the dead letters.
struct Outbox::DeliveryQueue::Burial final : DeadLetterMove {
  DeliveryQueue& queue;
  std::uint32_t attempts = 0;
  enum class Phase : std::uint8_t { pausing, under_way, decided } phase = Phase::pausing;

  explicit Burial(DeliveryQueue& queue) : queue(queue) {}
  void done() override {
    queue.outbox.loop_.post({[](void* q, std::uint64_t) {
                               auto& self = *static_cast<DeliveryQueue*>(q);
                               self.burial->phase = Phase::decided;
                               self.caller.resume(self);
                             },
                             &queue});
  }
};

void Outbox::DeliveryQueue::bury(const Failure& failure) {
  const Item& item = items.front();
  if (!item.sender_host->store()) {
    outbox.engine_.report_trouble(named_send() + " crashed its receiver " + std::to_string(crashes_until_burial) +
                                  " times and is dropped: its sender lives in memory only (" + failure.detail + ')');
    return next();
  }
  burial = std::make_unique<Burial>(*this);
  burial->letter = {item.sender, item.row, item.crashes, reason_of(failure), outbox.loop_.wall_time()};
  try_to_bury();
}

void Outbox::DeliveryQueue::try_to_bury() {
  Store& store = *items.front().sender_host->store();
  if (store.dead_letters() >= dead_letters_limit) {
    return bury_later("there are " + std::to_string(dead_letters_limit) + " already: retry or drop some");
  }
  burial->phase = Burial::Phase::under_way;
  store.move(*burial);
}

void Outbox::DeliveryQueue::go_on_burying() {
  if (burial->phase == Burial::Phase::pausing) return try_to_bury();
  if (burial->phase == Burial::Phase::under_way) return;
  if (burial->status != StoreStatus::done) return bury_later(burial->detail);
  outbox.engine_.report_burial(*items.front().sender_host, burial->letter);
  burial.reset();
  next();
}

void Outbox::DeliveryQueue::bury_later(const std::string& why) {
  burial->phase = Burial::Phase::pausing;
  if (++burial->attempts == 1) {
    outbox.engine_.report_trouble(named_send() + " crashed its receiver " + std::to_string(crashes_until_burial) +
                                  " times and can't become a dead letter (" + why +
                                  "); it is tried on, and holds up those behind it");
  }
  pause_before(burial->attempts);
}

Outbox::Outbox(Engine& engine, LoopState& state) : engine_(engine), state_(state), loop_(state.loop) {}
Outbox::~Outbox() = default;

bool Outbox::holds(const Host& sender_host) const { return held_.contains(sender_host.domain()); }

void Outbox::hold(std::string_view domain) {
  if (!held_.emplace(domain).second) return;
  for (const auto& [name, queue] : queues_) {
    if (queue->sender_host().domain() == domain) queue->give_up_waiting();
  }
}

void Outbox::release(std::string_view domain) {
  const auto held = held_.find(domain);
  if (held == held_.end()) return;
  held_.erase(held);
  for (const auto& [name, queue] : queues_) {
    if (queue->sender_host().domain() == domain) queue->go_on_later();
  }
}

Outbox::DeliveryQueue& Outbox::queue_of(const Item& item) {
  RouteName name{item.sender, {item.row.protocol, item.row.target}};
  auto& queue = queues_[name];
  if (!queue) {
    queue = std::make_unique<DeliveryQueue>(*this, std::move(name));
    ++queue_count_;
    queue->go_on_later();
  }
  return *queue;
}

void Outbox::remove_queue(const RouteName& name) {
  queues_.erase(name);
  --queue_count_;
}

void Outbox::take(Host& sender_host, const Key& sender, std::vector<OutboxRow> rows,
                  std::vector<EnvelopePtr> envelopes) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Item item{&sender_host, sender, std::move(rows[i]), std::move(envelopes[i]), 0, 0};
    sender_host.send_begun();
    queue_of(item).items.push_back(std::move(item));
  }
}

void Outbox::recover(Host& sender_host, PendingSend send) {
  Item item{&sender_host, std::move(send.sender), std::move(send.row), {}, 1, 0};
  auto& items = queue_of(item).items;
  // The first one is under way.
  const auto waiting = items.begin() + (items.empty() ? 0 : 1);
  const auto place = std::upper_bound(waiting, items.end(), item.row.sequence,
                                      [](std::uint64_t sequence, const Item& i) { return sequence < i.row.sequence; });
  items.insert(place, std::move(item));
}

}  // namespace troupe::engine
