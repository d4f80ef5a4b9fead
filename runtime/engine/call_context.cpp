#include <troupe/engine/call_context.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>

#include <troupe/contract/exception_text.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/blocking_pool.hpp>
#include <troupe/loop/stack_trace.hpp>
#include <troupe/loop/throw_trace.hpp>
#include <troupe/resilience/repetition.hpp>

namespace troupe::engine {

namespace {

std::unique_ptr<Failure> not_executed(FailureCode code, std::string detail) {
  return std::make_unique<Failure>(Failure::not_executed(code, std::move(detail)));
}

std::string named(const Envelope& e) { return std::string(e.info->protocol->name) + '.' + std::string(e.info->name); }

std::unique_ptr<Failure> not_hosted(const Envelope& e) {
  return not_executed(failure_code::unavailable, "no node hosts the protocol " + std::string(e.info->protocol->name));
}

std::unique_ptr<Failure> kept_away(const Edge::Branch& branch, Instant now) {
  const auto left = std::chrono::ceil<Duration>(branch.breaker()->next_probe() - now);
  return not_executed(failure_code::unavailable, "the breaker of " + branch.name() + " is open; it is tried again in " +
                                                     std::to_string(std::max<Duration::rep>(left.count(), 0)) + " ms");
}

std::unique_ptr<Failure> undeclared(const std::string& caller, const Envelope& e) {
  const std::string protocol(e.info->protocol->name);
  const bool is_worker = caller.find('/') != std::string::npos;
  return not_executed(failure_code::undeclared, (is_worker ? "the worker " : "the protocol ") + caller + " asked " +
                                                    named(e) + ", which " + (is_worker ? "it" : "its entity") +
                                                    " does not declare: add Asks<" + protocol + "::Api, " + protocol +
                                                    "::" + std::string(e.info->name) + "> to its " +
                                                    (is_worker ? "Worker<…>" : "Entity<…>"));
}

/// Ends an ask with its last failure. Where an earlier attempt may have been executed, so may the ask.
void conclude(PendingAsk& ask, std::unique_ptr<Failure> last, std::unique_ptr<Failure> uncertain = {}) {
  if (uncertain && last->not_executed()) {
    uncertain->detail += "; repeated, it ended with " + last->code + " (" + last->detail + ')';
    last = std::move(uncertain);
  }
  last->passed_on = true;
  ask.failure = std::move(last);
  ask.answered = true;
}

/// The link of an entity in a call chain, if it is there.
const ChainLink* find_link(const ChainLink* chain, const ProtocolInfo* protocol, const Key& key) {
  while (chain && !(chain->protocol == protocol && chain->key == key)) chain = chain->parent.get();
  return chain;
}

}  // namespace

std::string_view CallContext::caller_name() const noexcept { return caller_.name(); }

void CallContext::go() {
  const Running running(*this);
  entered();
  go_on();
}

void CallContext::resume(Listener& listener) {
  const Running running(*this);
  entered();
  ++state_.depth;
  listener.on_ready();
  const bool done = run();
  --state_.depth;
  if (done) ended();
}

std::unique_ptr<Failure> CallContext::refuse(const Envelope& e) {
  if (loop_.now() >= deadline_) {
    return not_executed(failure_code::expired, "the deadline had passed before " + named(e) + " was asked");
  }
  if (reads_only() && e.info->effect != Effect::read) {
    return not_executed(failure_code::read_only, "a read turn asked " + named(e) + ", which is not a read");
  }
  if (!e.chain) return nullptr;
  if (e.chain->depth >= max_chain_depth) {
    return not_executed(failure_code::too_many_hops, named(e) + " would be hop 33 of its call chain");
  }
  if (e.info->scope == Scope::directory) return nullptr;
  const ChainLink* link = find_link(e.chain.get(), e.info->protocol, e.target);
  if (link && !(e.info->effect == Effect::read && link->effect == Effect::read)) {
    return not_executed(failure_code::call_cycle,
                        named(e) + " of " + e.target.to_string() + " was asked by a call that it waits for itself");
  }
  return nullptr;
}

void CallContext::ask(PendingAsk& ask) {
  Envelope& e = *ask.envelope;
  e.origin = origin_;
  e.chain = chain();
  if (e.info->effect == Effect::keyed && e.operation.is_nil()) sign(e);
  Edge* edge = caller_.edge_to(e.info->protocol);
  auto refused = edge ? refuse(e) : not_hosted(e);
  if (edge && !edge->declares(*e.info)) {
    refused = undeclared(caller_.name(), e);
    engine_.report_mistake(*e.info, refused->detail);
  }
  if (refused) return conclude(ask, std::move(refused));
  Attempts attempts;
  attempts.branch = &edge->branch_of(e);
  attempts.branch->counters(loop_.index()).budget.deposit();
  attempt(ask, attempts);
}

void CallContext::attempt(PendingAsk& ask, Attempts& attempts) {
  const Edge& edge = attempts.branch->edge();
  Envelope& e = *ask.envelope;
  if (resilience::Breaker* breaker = attempts.branch->breaker()) {
    attempts.permit = breaker->admit(loop_.now());
    if (attempts.permit == resilience::Breaker::Permit::refused) {
      return conclude(ask, kept_away(*attempts.branch, loop_.now()), std::move(attempts.uncertain));
    }
  }
  // What a breaker keeps away has certainly no effect.
  if (e.info->effect != Effect::read) asked_effect_ = true;
  ++attempts.made;
  e.deadline = std::min(deadline_, loop_.now() + edge.timeout());
  e.repeatable = attempts.made < edge.attempts() && e.info->effect != Effect::once && e.info->copy;
  engine_.deliver(ask, *this, attempts);
  if (!ask.answered) return;
  // Whatever was answered while it waited already was settled as well.
  if (ask.request != 0) return forget(ask);
  settle(ask, attempts, Returned::yes);
}

bool CallContext::settle_slowly(PendingAsk& ask, Attempts& attempts, Returned returned) {
  if (resilience::Breaker* breaker = attempts.branch->breaker()) {
    const bool outage = ask.failure && resilience::is_outage(*ask.failure);
    const auto change = outage ? breaker->failed(attempts.permit, loop_.now()) : breaker->succeeded(attempts.permit);
    if (change != resilience::Breaker::Change::none) engine_.report_breaker(*attempts.branch, change);
  }
  if (!ask.failure) return ask.answered = true;
  const Duration wait = resilience::Backoff().wait(attempts.made, loop_.random());
  if (may_try_again(ask, attempts, returned, wait) && back_off(ask, attempts, returned, wait)) return false;
  conclude(ask, std::move(ask.failure), std::move(attempts.uncertain));
  return true;
}

bool CallContext::may_try_again(const PendingAsk& ask, const Attempts& attempts, Returned returned, Duration wait) {
  const Envelope& e = *ask.envelope;
  const Edge& edge = attempts.branch->edge();
  if (attempts.made >= edge.attempts() || loop_.now() + wait >= deadline_) return false;
  const bool handled = returned == Returned::no || e.handled;
  // Its handler has consumed the message.
  if (handled && !e.repeatable) return false;
  const auto trace = handled ? resilience::Trace::handled : resilience::Trace::untouched;
  if (!resilience::may_repeat(e.info->effect, *ask.failure, trace)) return false;
  // An entity that is kept in memory only does not remember operations.
  if (e.info->effect == Effect::keyed && ask.failure->unknown() && !edge.host().remembers()) return false;
  return attempts.branch->counters(loop_.index()).budget.withdraw(loop_.now());
}

bool CallContext::back_off(PendingAsk& ask, Attempts& attempts, Returned returned, Duration wait) {
  // A read leaves nothing behind that one could be uncertain of.
  if (ask.failure->unknown() && ask.envelope->info->effect != Effect::read && !attempts.uncertain) {
    attempts.uncertain = std::make_unique<Failure>(*ask.failure);
  }
  try {
    if (returned == Returned::no) ask.envelope = ask.envelope->info->copy(*ask.envelope);
  } catch (...) {
    engine_.report_mistake(*ask.envelope->info, named(*ask.envelope) + " can't be asked again: its copy threw: " +
                                                    text_of(std::current_exception()));
    return false;
  }
  ask.answered = false;
  attempts.phase = Attempts::Phase::backing_off;
  ask.request = state_.requests.wait_for(ask, *this, loop_.now() + wait, std::move(attempts));
  return true;
}

void CallContext::repeat(PendingAsk& ask, Attempts& attempts) {
  if (loop_.now() < deadline_) {
    auto& retries = attempts.branch->counters(loop_.index()).retries;
    retries.store(retries.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    Envelope& e = *ask.envelope;
    ask.failure.reset();
    e.failure.reset();
    e.done = false;
    e.handled = false;
    ++e.attempt;
    attempts.phase = Attempts::Phase::under_way;
    attempt(ask, attempts);
  } else {
    conclude(ask, std::move(ask.failure), std::move(attempts.uncertain));
  }
  if (ask.answered) resume(*ask.listener);
}

void CallContext::timed_out(PendingAsk& ask, Attempts& attempts) {
  ask.failure = std::make_unique<Failure>(
      Failure::unknown(failure_code::timeout,
                       named(*ask.envelope) + " did not answer " +
                           (ask.envelope->deadline < deadline_ ? "in time: the timeout of " + attempts.branch->name()
                                                               : std::string("before the deadline"))));
  if (!settle(ask, attempts, Returned::no)) return;
  ask.envelope = {};
  resume(*ask.listener);
}

void CallContext::forget(PendingAsk& ask) noexcept { state_.requests.forget(std::exchange(ask.request, 0)); }

/// A job of blocking(f), as the pool runs it.
class CallContext::Blocking final : public loop::BlockingWork {
 public:
  explicit Blocking(std::shared_ptr<BlockingJob> job) : job_(std::move(job)) {}
  void run() noexcept override {
    const loop::RecordThrows recording;
    job_->run();
    stack_ = loop::StackTrace(loop::stack_of(job_->exception));
  }
  void ended(End end) override {
    loop::bring_throw(job_->exception, stack_.addresses());
    if (end == End::refused) {
      job_->refused = not_executed(failure_code::overloaded, "too much blocking work is waiting");
    }
    if (job_->listener) static_cast<CallContext*>(job_->context)->resume(*job_->listener);
  }

 private:
  std::shared_ptr<BlockingJob> job_;
  loop::StackTrace stack_;  ///< where it threw
};

void CallContext::run_blocking(std::shared_ptr<BlockingJob> job) {
  ran_blocking_ = true;
  engine_.blocking().submit(std::make_unique<Blocking>(std::move(job)), loop_, deadline_);
}

std::uint64_t CallContext::start_pause(Duration duration, Listener& listener) {
  return state_.requests.wait_until(std::min(deadline_, loop_.now() + duration), listener, *this);
}

void CallContext::cancel_pause(std::uint64_t pause) noexcept { state_.requests.forget(pause); }

bool CallContext::start_commit(Listener&) { return true; }

std::unique_ptr<Failure> CallContext::take_commit_failure() { return nullptr; }

void CallContext::send(EnvelopePtr) {
  throw std::logic_error("only a turn of an entity can send: its commit carries the message");
}

}  // namespace troupe::engine
