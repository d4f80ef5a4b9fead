#include <troupe/engine/detail/turn.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include <troupe/engine/detail/derived_operation.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>

namespace troupe::engine {

Turn::Turn(Shard& shard, Activation& activation, EnvelopePtr envelope)
    : CallContext(shard.host().engine(), shard.loop_state(), shard.host().caller()),
      shard_(shard),
      activation_(activation),
      envelope_(std::move(envelope)) {
  origin_ = envelope_->origin;
  deadline_ = envelope_->deadline;
  // What it does to a worker is never undone.
  asked_effect_ = shard.host().is_worker() && !is_read();
  next = activation_.turns;
  if (next) next->prev = this;
  activation_.turns = this;
  ++shard_.running_;
}

Turn::~Turn() {
  if (task_.frame) task_.frame.destroy();
  (prev ? prev->next : activation_.turns) = next;
  if (next) next->prev = prev;
  --shard_.running_;
}

void Turn::start() {
  const auto& handler = shard_.host().type().handlers[envelope_->info->index];
  const Running running(*this);
  entered();
  envelope_->handled = true;
  try {
    task_ = handler.start(*activation_.entity, *envelope_);
  } catch (...) {
    // Before its coroutine was made: by the copy of its message, or by a handler that is a plain function.
    return crashed(std::current_exception());
  }
  task_.promise->start_in(*this);
  continue_with(task_.frame);
  go_on();
}

Shared<ChainLink> Turn::chain() {
  if (!link_) {
    link_ = Shared<ChainLink>(
        new ChainLink(envelope_->info->protocol, envelope_->target, envelope_->info->effect, envelope_->chain));
  }
  return link_;
}

void Turn::sign(Envelope& envelope) {
  if (envelope_->operation.is_nil()) return CallContext::sign(envelope);
  envelope.operation = derived_operation(envelope_->operation, ++signed_, envelope);
  // What an earlier attempt of this turn asked may have been executed.
  if (envelope_->attempt > 0) envelope.attempt = 1;
}

void Turn::ended() {
  if (auto exception = task_.promise->exception()) return crashed(exception);
  if (auto failure = std::move(task_.promise->failure())) return failed(std::move(failure));
  bool commits = false;
  std::unique_ptr<Failure> refused;
  try {
    shard_.host().type().handlers[envelope_->info->index].collect(task_.frame, *envelope_);
    commits = has_something_to_commit(CommitPoint::final);
    if (commits) refused = prepare_commit(CommitPoint::final);
  } catch (...) {
    return crashed(std::current_exception());
  }
  if (refused) return failed(std::move(refused));
  commits ? begin_commit() : finish();
}

void Turn::crashed(const std::exception_ptr& exception) {
  shard_.crashed(activation_, *envelope_, exception);
  failed(std::make_unique<Failure>(
      Failure::not_executed(failure_code::actor_crashed, "the actor failed on " + std::string(envelope_->info->name))));
}

void Turn::rejected(const Failure& failure) {
  shard_.counters_.rejections.fetch_add(1, std::memory_order_relaxed);
  engine().check_rejection(*envelope_->info, failure.code);
}

void Turn::failed(std::unique_ptr<Failure> failure) {
  fail(std::move(failure));
  finish();
}

void Turn::fail(std::unique_ptr<Failure> failure) {
  // What this turn did before can't be taken back, so its caller must not take it as never done.
  if (failure->not_executed() && (committed_ || asked_effect_)) failure->kind = Failure::Kind::unknown;
  if (failure->rejected()) rejected(*failure);
  if (!is_read()) EntityAccess::discard(*activation_.entity);
  envelope_->failure = std::move(failure);
}

EnvelopePtr Turn::cut(std::string why) {
  if (commit_ || commit_listener_) {
    cut_ = std::move(why);
    return {};
  }
  std::exchange(task_.frame, {}).destroy();
  // What it does on a blocking thread goes on.
  if (ran_blocking_) asked_effect_ = true;
  fail(std::make_unique<Failure>(Failure::not_executed(failure_code::unavailable, std::move(why))));
  return leave();
}

void Turn::send(EnvelopePtr envelope) {
  if (sends_.size() == sends_per_commit) {
    throw std::length_error("more than " + std::to_string(sends_per_commit) + " sends before one commit");
  }
  sends_.push_back(std::move(envelope));
}

void Turn::end_cut() {
  failed(std::make_unique<Failure>(Failure::not_executed(failure_code::unavailable, std::exchange(cut_, {}))));
}

void Turn::finish() {
  Shard& shard = shard_;
  Activation& activation = activation_;
  EnvelopePtr envelope = leave();
  Shard::answer(std::move(envelope));
  shard.on_turn_finished(activation);
}

EnvelopePtr Turn::leave() {
  Activation& activation = activation_;
  EnvelopePtr envelope = std::move(envelope_);
  const bool read = envelope->info->effect == Effect::read;
  delete this;
  if (read) {
    --activation.reads;
  } else {
    activation.writing = false;
  }
  return envelope;
}

}  // namespace troupe::engine
