#include <troupe/engine/caf/shard_actor.hpp>

#include <caf/actor_cast.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include <troupe/engine/host.hpp>

namespace troupe::engine {

namespace {

/// For how long a store that was read is taken to be readable.
constexpr auto store_check_validity = std::chrono::seconds(1);

void give_back(EnvelopePtr envelope, FailureCode code, std::string_view detail) {
  envelope->failure = std::make_unique<Failure>(Failure::not_executed(code, std::string(detail)));
  Shard::answer(std::move(envelope));
}

/// Calls `then` on `home` once every loop has run a job that was queued after this: whatever a job that ran before then
/// has read is done with.
void after_every_loop(loop::LoopDriver& driver, loop::Loop& home, std::function<void()> then) {
  struct Rest {
    std::atomic<std::size_t> loops;
    std::function<void()> then;
  };
  auto rest = std::make_shared<Rest>(driver.size(), std::move(then));
  for (std::size_t i = 0; i < driver.size(); ++i) {
    driver.loop(i).call([rest, &home] {
      if (rest->loops.fetch_sub(1, std::memory_order_acq_rel) == 1) home.call(std::move(rest->then));
    });
  }
}

}  // namespace

void ShardMailbox::deliver(EnvelopePtr envelope, std::uint64_t hash) {
  ShardActor* const actor = actor_.load(std::memory_order_acquire);
  if (!actor) return give_back(std::move(envelope), failure_code::unavailable, Shard::stopped_text);
  if (under_way_.fetch_add(1, std::memory_order_relaxed) >= limit) {
    under_way_.fetch_sub(1, std::memory_order_relaxed);
    return give_back(std::move(envelope), failure_code::overloaded, "too many calls are on their way to one shard");
  }
  actor->enqueue(nullptr, caf::make_message_id(), caf::make_message(Delivery{std::move(envelope), hash}), nullptr);
}

void ShardMailbox::withdraw(const Key& target, std::uint64_t hash) {
  // Not counted among what is under way: there is at most one for each ask that was.
  if (ShardActor* const actor = actor_.load(std::memory_order_acquire)) {
    actor->enqueue(nullptr, caf::make_message_id(), caf::make_message(Withdrawal{target, hash}), nullptr);
  }
}

void ShardMailbox::probe(std::shared_ptr<ShardProbe> probe) {
  ShardActor* const actor = actor_.load(std::memory_order_acquire);
  if (!actor) return probe->answer(StoreStatus::unavailable, std::string(Shard::stopped_text));
  actor->enqueue(nullptr, caf::make_message_id(), caf::make_message(Probing{std::move(probe)}), nullptr);
}

caf::message_handler ShardActor::handlers() {
  return caf::message_handler{
      [this](Delivery& delivery) {
        mailbox_.under_way_.fetch_sub(1, std::memory_order_relaxed);
        shard_.deliver(std::move(delivery.envelope), delivery.hash);
      },
      [this](Probing& probing) { ShardProbe::reach(std::move(probing.probe), shard_); },
      [this](const Withdrawal& withdrawal) { shard_.withdraw(withdrawal.target, withdrawal.hash); },
      [this](const StoreChecked& checked) {
        if (signal_) return;
        checked.trouble.empty() ? open() : start_failed(supervision::ExitReason::error(checked.trouble));
      },
      [this](const Drained&) {
        is_drained_ = true;
        end_if_done();
      },
      [this](const Stopped&) {
        is_stopped_ = true;
        end_if_done();
      }};
}

void ShardActor::start() {
  if (shard_.phase() == Shard::Phase::stopped) return check_store();
  // What the life before has under way, whose supervisor did not wait for it, comes first; its mailbox is ours now.
  mailbox_.actor_.store(nullptr, std::memory_order_release);
  shard_.stop(Shard::RunningTurns::are_cut, [this, self = caf::actor_cast<caf::actor>(this)] {
    if (!signal_) check_store();
  });
}

void ShardActor::check_store() {
  Host& host = shard_.host();
  // A node opens its stores before it has shards. Of many that start at the same time, few have to ask.
  const bool is_known = !shard_.was_open() || host.store_was_read_at() > home().now() - store_check_validity;
  if (!host.store() || is_known) return open();
  // Does not keep the actor: a store that is slow may have the question for longer than there are actors.
  auto then = [&host, &loop = home(), self = address()](StoreStatus status, std::string trouble) {
    // One that is too busy for now works.
    const bool works = status == StoreStatus::done || status == StoreStatus::overloaded;
    if (works) host.store_was_read(loop.now());
    const auto asker = caf::actor_cast<caf::actor>(self);
    if (asker) post(asker, StoreChecked{works ? std::string() : std::move(trouble)});
  };
  ShardProbe::read(std::make_shared<ShardProbe>(home(), std::move(then)), *host.store());
}

void ShardActor::open() {
  shard_.open();
  is_open_ = true;
  mailbox_.actor_.store(this, std::memory_order_release);
  started();
}

void ShardActor::exit(ExitSignal signal) {
  const bool is_first = !signal_;
  signal_ = signal;
  if (!is_open_) {
    is_drained_ = is_stopped_ = true;
    return end_if_done();
  }
  if (is_first) {
    const bool was_ours = close_mailbox();
    // Else a later life has taken the shard over, and only what is still in this actor's own mailbox is left to it.
    if (!was_ours) is_stopped_ = true;
  }
  if (is_stopped_) return end_if_done();
  const auto turns = signal == ExitSignal::kill ? Shard::RunningTurns::are_cut : Shard::RunningTurns::end;
  shard_.stop(turns, [self = caf::actor_cast<caf::actor>(this)] { post(self, Stopped{}); });
}

bool ShardActor::close_mailbox() {
  ShardActor* self = this;
  const bool was_ours = mailbox_.actor_.compare_exchange_strong(self, nullptr, std::memory_order_acq_rel);
  after_every_loop(driver_, home(), [self = caf::actor_cast<caf::actor>(this)] { post(self, Drained{}); });
  return was_ours;
}

void ShardActor::end_if_done() {
  if (!is_drained_ || !is_stopped_) return;
  end(*signal_ == ExitSignal::kill ? supervision::ExitReason::killed() : supervision::ExitReason::shutdown());
}

}  // namespace troupe::engine
