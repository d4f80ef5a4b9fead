#include <troupe/engine/engine.hpp>

#include <algorithm>
#include <stdexcept>

#include <troupe/engine/caf/actor_system.hpp>
#include <troupe/engine/detail/deadlock_detector.hpp>
#include <troupe/engine/detail/exception_text.hpp>
#include <troupe/engine/detail/outbox.hpp>

namespace troupe::engine {

namespace {

/// Of the numbers of asks from elsewhere; those of requests that wait here lack it.
constexpr std::uint64_t accepted_mark = std::uint64_t{1} << 63;

}  // namespace

Root::Root(Engine& engine, loop::Loop& loop) : Root(engine, loop, engine.roots()) {}

Root::Root(Engine& engine, loop::Loop& loop, const Caller& caller)
    : CallContext(engine, engine.state_of(loop), caller) {
  Root*& first = loop_state().first_root;
  next_ = first;
  if (next_) next_->prev_ = this;
  first = this;
}

Root::~Root() {
  (prev_ ? prev_->next_ : loop_state().first_root) = next_;
  if (next_) next_->prev_ = prev_;
}

Engine::Engine(loop::LoopDriver& driver, Reporter& reporter)
    : driver_(driver), reporter_(reporter), roots_caller_(&caller(gateway_caller)) {
  blocking_ = std::make_unique<loop::BlockingPool>(driver.blocking_threads());
  for (std::size_t i = 0; i < driver.size(); ++i) {
    loops_.push_back(std::make_unique<LoopState>(*this, driver.loop(i)));
  }
}

Engine::~Engine() {
  stop(std::chrono::milliseconds(0));
  // Nothing runs any more: turns go with their shards, then what they waited in.
  for (const auto& state : loops_) {
    while (state->first_root) delete state->first_root;
  }
  hosts_.clear();
  for (const auto& state : loops_) state->outbox.reset();
  driver_.drop_jobs();
}

Host& Engine::host(EntityType type, Store* store, HostOptions options) {
  for (const auto& host : hosts_) {
    if (host->type().protocol == type.protocol) {
      throw std::logic_error("protocol " + std::string(type.protocol->name) + " is hosted already");
    }
  }
  hosts_.push_back(std::make_unique<Host>(*this, std::move(type), store, std::move(options)));
  return *hosts_.back();
}

Caller& Engine::caller(std::string_view name) {
  for (const auto& caller : callers_) {
    if (caller->name() == name) return *caller;
  }
  return *callers_.emplace_back(std::make_unique<Caller>(std::string(name)));
}

Host& Engine::know(const ProtocolInfo& protocol, HostOptions options) {
  EntityType type;
  type.protocol = &protocol;
  options.owns = [](std::uint32_t) { return false; };
  return host(std::move(type), nullptr, std::move(options));
}

Host* Engine::find_host(std::string_view protocol) const {
  const auto found = std::ranges::find_if(hosts_, [&](const auto& host) { return host->name() == protocol; });
  return found == hosts_.end() ? nullptr : found->get();
}

void Engine::make_edges() {
  const Instant now = driver_.loop(0).now();
  for (const auto& host : hosts_) {
    const ProtocolInfo& to = *host->type().protocol;
    for (const auto& caller : callers_) {
      const auto policy = policies_ ? policies_(caller->bound_as(), to.name) : resilience::CallPolicy{};
      edges_.push_back(
          std::make_unique<Edge>(caller->name(), *host, policy, driver_.size(), now, caller->declared_of(to)));
      caller->add(to, *edges_.back());
    }
    const resilience::CallPolicy one_attempt{.attempts = 1};
    outbox_edges_.push_back(
        std::make_unique<Edge>(outbox_caller_.name(), *host, one_attempt, driver_.size(), now, Edge::Declared()));
    outbox_caller_.add(to, *outbox_edges_.back());
  }
}

void Engine::start() {
  start_ = driver_.loop(0).now();
  start_time_ = driver_.loop(0).wall_time();
  make_edges();
  start_tree();
  if (tree_phase_ == TreePhase::ended) await_tree();
  driver_.start();
  started_ = true;
  await_tree();
  recover_sends();
}

void Engine::recover_sends() {
  for (auto& host : hosts_) {
    if (!host->store()) continue;
    for (auto& send : host->store()->take_pending_sends()) redeliver(*host, std::move(send));
  }
}

void Engine::redeliver(Host& host, PendingSend send) {
  const Shard* shard = host.shard_of(send.sender.shard_hash());
  host.send_begun();
  // The sender lives elsewhere by now: its sends still leave from where they were committed.
  loop::Loop& home = shard ? shard->loop() : loop(0);
  home.call([this, &host, &home, send = std::move(send)]() mutable {
    state_of(home).outbox->recover(host, std::move(send));
  });
}

bool Engine::stop(std::chrono::milliseconds limit) {
  if (stopped_.exchange(true)) return true;
  bool quiet = true;
  if (started_) {
    quiet = driver_.run_until(
        [this] {
          std::uint64_t running = 0;
          for (const auto& state : loops_) {
            running += state->contexts.load(std::memory_order_relaxed) - state->outbox->queues() -
                       state->lasting.load(std::memory_order_relaxed);
          }
          return running == 0;
        },
        limit);
    // In order while nothing is under way; else what is left is cut off with the loops.
    if (quiet && limit > limit.zero()) quiet = stop_tree(limit);
  }
  blocking_->stop();
  driver_.stop();
  ended_ = true;
  if (actors_) actors_->refuse();
  driver_.drop_jobs();
  for (const auto& host : hosts_) {
    for (const auto& shard : host->shards()) {
      if (shard) shard->forget_stop();
    }
  }
  actors_.reset();
  return quiet;
}

Uuid Engine::make_id_near(loop::Loop& loop) const {
  // A call to another loop costs two wake-ups, a try some nanoseconds; each succeeds in one of as many as loops.
  const std::uint32_t shards = HostOptions{}.shards;
  Uuid id = loop.make_id();
  for (std::size_t tries = 4 * loop_count(); tries > 0; --tries, id = loop.make_id()) {
    if (Key(id).shard_hash() % shards % loop_count() == loop.index()) break;
  }
  return id;
}

const MessageInfo* Engine::find_message(std::string_view protocol, std::string_view message) const {
  const Host* host = find_host(protocol);
  return host ? find_message_of(*host->type().protocol, message) : nullptr;
}

void Engine::deliver(PendingAsk& ask, CallContext& from, Attempts& attempts) {
  Envelope& e = *ask.envelope;
  Host& host = attempts.branch->edge().host();
  loop::Loop& loop = from.loop();
  auto wait = [&] {
    ask.request = from.loop_state().requests.wait_for(ask, from, e.deadline, std::move(attempts));
    // What no turn asks nobody waits for: it is part of no deadlock.
    if (e.chain) from.loop_state().deadlocks->watch();
    e.reply_to = &from.loop_state();
    e.request = ask.request;
  };
  if (e.info->scope == Scope::directory) {
    wait();
    const bool all_is_here = host.owns_all() || e.extent == Extent::here;
    const bool directly = all_is_here && carries_ == Carries::asks_to_others;
    return directly ? host.query(ask.envelope, loop) : remote_->query(host, ask.envelope, loop);
  }
  const std::uint64_t hash = e.target.shard_hash();
  Shard* shard = host.shard_of(hash);
  if (!shard || carries_ == Carries::all_asks) {
    wait();
    return remote_->deliver(host, ask.envelope, hash, loop);
  }
  if (&shard->loop() != &loop) {
    wait();
    return shard->mailbox()->deliver(ask.envelope, hash);
  }
  shard->deliver(ask.envelope, hash);
  // A read that came back to the entity of the asking turn has run in between, as its turn.
  if (e.info->effect == Effect::read) from.entered();
  if (!e.done) return wait();
  ask.failure = std::move(e.failure);
  ask.answered = true;
}

void Engine::forget(Host& host, const Envelope& asked, std::uint64_t request, loop::Loop& loop) noexcept {
  // On this node the deadline in the envelope is enough; at the end, nobody is left to be told.
  if (ended_) return;
  const bool is_here =
      asked.info->scope == Scope::directory ? host.owns_all() : host.shard_of(asked.target.shard_hash()) != nullptr;
  if (!is_here) remote_->forget(host, asked, request, loop);
}

void Engine::accept(Host& host, EnvelopePtr envelope, loop::Loop& loop) {
  LoopState& state = state_of(loop);
  envelope->reply_to = &state;
  if (ended_) {
    envelope->failure = std::make_unique<Failure>(Failure::not_executed(failure_code::stopped, "the node has stopped"));
    return Shard::answer(std::move(envelope));
  }
  if (envelope->info->scope == Scope::directory) return host.query(std::move(envelope), loop);
  const std::uint64_t hash = envelope->target.shard_hash();
  Shard* shard = host.shard_of(hash);
  if (!shard) {
    envelope->failure = std::make_unique<Failure>(
        Failure::not_executed(failure_code::unavailable, std::string(host.name()) + '/' + envelope->target.to_string() +
                                                             " does not live on this node: the topologies differ"));
    return Shard::answer(std::move(envelope));
  }
  envelope->request = accepted_mark | ++state.accepted;
  static_cast<RemoteAsker&>(*envelope->responder).set_number(envelope->request);
  if (&shard->loop() == &loop) return shard->deliver(std::move(envelope), hash);
  shard->mailbox()->deliver(std::move(envelope), hash);
}

void Engine::withdraw(Host& host, const Key& target, loop::Loop& from) {
  // At the end nothing that waits begins any more, and there are no mailboxes.
  if (ended_) return;
  const std::uint64_t hash = target.shard_hash();
  Shard* const shard = host.shard_of(hash);
  if (!shard) return;
  if (&shard->loop() == &from) return shard->withdraw(target, hash);
  shard->mailbox()->withdraw(target, hash);
}

void Engine::answer(EnvelopePtr envelope) {
  if (Shared<Responder> responder = std::move(envelope->responder)) return responder->respond(std::move(envelope));
  const std::uint64_t request = envelope->request;
  LoopState& asker = *envelope->reply_to;
  asker.requests.answer(request, std::move(envelope));
}

void Engine::report_crash(const Envelope& envelope, const Thrown& thrown, std::uint64_t crashes, Looping looping) {
  reporter_.crashed({.protocol = envelope.info->protocol->name,
                     .key = envelope.target,
                     .message = envelope.info->name,
                     .what = thrown.what,
                     .trace = envelope.origin ? std::string_view(envelope.origin->trace) : std::string_view(),
                     .crashes = crashes,
                     .is_looping = looping == Looping::yes,
                     .stack = thrown.stack});
}

void Engine::report_mistake(const MessageInfo& message, std::string what) {
  if (mistakes_.is_new(message, what)) reporter_.trouble(what);
}

void Engine::check_rejection(const MessageInfo& message, std::string_view code) {
  if (!message.rejects || std::ranges::find(*message.rejects, code) != message.rejects->end()) return;
  report_mistake(message, std::string(message.protocol->name) + '.' + std::string(message.name) +
                              " was rejected with the code '" + std::string(code) +
                              "', which the message does not declare: add it to its `rejects`");
}

void Engine::report_root_crash(const Origin& origin, std::exception_ptr exception) {
  reporter_.trouble("a request crashed (trace " + origin.trace + "): " + text_of(exception));
}

}  // namespace troupe::engine
