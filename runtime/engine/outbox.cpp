#include <troupe/engine/outbox.hpp>

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

struct Outbox::Lane final : Listener {
  Outbox& outbox;
  LaneName name;
  std::deque<Item> items;
  PendingAsk ask;
  std::uint64_t pause = 0;

  /// Delivers on behalf of a lane; it has no coroutine, so it only passes on what it hears. It ends with its lane.
  struct Caller final : CallContext {
    Lane& lane;
    explicit Caller(Lane& lane)
        : CallContext(lane.outbox.engine_, lane.outbox.state_, lane.outbox.engine_.outboxes()), lane(lane) {}
    ~Caller() override = default;
    void ended() override { lane.outbox.remove_lane(LaneName(lane.name)); }
    void allow(Shared<Origin> origin, Instant deadline) {
      origin_ = std::move(origin);
      deadline_ = deadline;
    }
  } caller;

  Lane(Outbox& outbox, LaneName name) : outbox(outbox), name(std::move(name)), caller(*this) {}
  ~Lane() {
    if (ask.request != 0) caller.forget(ask);
    if (pause != 0) caller.cancel_pause(pause);
  }

  void deliver() {
    Item& item = items.front();
    EnvelopePtr letter = std::move(item.letter);
    if (!letter) letter = decode(item);
    if (!letter) return drop();
    letter->one_way = true;
    letter->operation = item.row.operation;
    letter->attempt = item.attempt;
    // Never back to 0, which would tell the receiver that it can't have seen this one.
    if (item.attempt < std::numeric_limits<std::uint16_t>::max()) ++item.attempt;
    caller.allow(letter->origin ? letter->origin : Shared<Origin>(new Origin(item.row.principal, item.row.trace)),
                 outbox.loop_.now() + delivery_deadline);
    ask = PendingAsk{};
    ask.envelope = std::move(letter);
    ask.listener = this;
    caller.ask(ask);
    if (ask.answered) go_on_later();
  }

  /// Every step of a lane is taken inside its caller's run, which is also where it ends.
  void go_on_later() {
    outbox.loop_.defer({[](void* lane, std::uint64_t) {
                          auto& self = *static_cast<Lane*>(lane);
                          self.caller.resume(self);
                        },
                        this});
  }

  EnvelopePtr decode(const Item& item) {
    const MessageInfo* info = outbox.engine_.find_message(item.row.protocol, item.row.message);
    if (!info) return {};
    std::vector<Fault> faults;
    EnvelopePtr letter = info->from_json(item.row.body, faults);
    if (letter) letter->target = item.row.target;
    return letter;
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
  LaneName name{item.sender, {item.row.protocol, item.row.target}};
  auto& lane = lanes_[name];
  const bool fresh = !lane;
  if (fresh) {
    lane = std::make_unique<Lane>(*this, std::move(name));
    ++lane_count_;
  }
  item.sender_host->send_begun();
  lane->items.push_back(std::move(item));
  if (fresh) lane->go_on_later();
}

void Outbox::remove_lane(const LaneName& name) {
  lanes_.erase(name);
  --lane_count_;
}

void Outbox::take(Host& sender_host, const Key& sender, std::vector<OutboxRow> rows, std::vector<EnvelopePtr> letters) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add({&sender_host, sender, std::move(rows[i]), std::move(letters[i]), 0});
  }
}

void Outbox::recover(Host& sender_host, PendingSend send) {
  add({&sender_host, std::move(send.sender), std::move(send.row), {}, 1});
}

}  // namespace troupe::engine
