#include <troupe/engine/detail/turn.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <troupe/engine/detail/derived_operation.hpp>
#include <troupe/engine/detail/exception_text.hpp>
#include <troupe/engine/detail/outbox.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>

namespace troupe::engine {

/// What a turn gives to the store, and the way back to its loop.
struct Turn::Commit final : CommitRequest {
  Turn& turn;
  CommitPoint point;
  std::vector<EnvelopePtr> envelopes;  ///< of `sends`, in the same order

  Commit(Turn& turn, CommitPoint point) : turn(turn), point(point) {}
  void done() override {
    turn.loop().post({[](void* t, std::uint64_t) { static_cast<Turn*>(t)->committed(); }, &turn});
  }
};

namespace {

/// As many as a version has room for in the sequence of its entity's sends.
constexpr std::uint64_t sends_per_commit = std::uint64_t{1} << 16;
/// Sends of a protocol on this node that wait for their receivers; beyond, what would send more is refused.
constexpr std::uint64_t pending_sends_limit = 100'000;

}  // namespace

Turn::Turn(Shard& shard, Activation& activation, EnvelopePtr envelope)
    : CallContext(shard.host().engine(), shard.loop_state(), shard.host().caller()),
      shard_(shard),
      activation_(activation),
      envelope_(std::move(envelope)) {
  origin_ = envelope_->origin;
  deadline_ = envelope_->deadline;
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

void Turn::describe(loop::Activity& activity) const noexcept {
  const Envelope* envelope = envelope_.get();
  if (!envelope) return;
  activity.protocol = envelope->info->protocol->name;
  activity.message = envelope->info->name;
  const Key& key = envelope->target;
  key.is_text() ? activity.set_key(key.text()) : activity.set_key(key.id());
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
  shard_.crashed(activation_, *envelope_, text_of(exception));
  failed(std::make_unique<Failure>(
      Failure::not_executed(failure_code::actor_crashed, "the actor failed on " + std::string(envelope_->info->name))));
}

void Turn::rejected(const Failure& failure) {
  shard_.counters_.rejections.fetch_add(1, std::memory_order_relaxed);
  const MessageInfo& message = *envelope_->info;
  if (!message.rejects || std::ranges::find(*message.rejects, failure.code) != message.rejects->end()) return;
  engine().report_trouble(std::string(message.protocol->name) + '.' + std::string(message.name) +
                          " was rejected with the code '" + failure.code +
                          "', which the message does not declare: add it to its `rejects`");
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

bool Turn::has_something_to_commit(CommitPoint point) const {
  if (is_read()) return false;
  const bool remembers = point == CommitPoint::final && !envelope_->operation.is_nil();
  return EntityAccess::edited(*activation_.entity) || !sends_.empty() || (remembers && shard_.host().store());
}

std::unique_ptr<Failure> Turn::prepare_commit(CommitPoint point) {
  const auto not_executed = [](std::string_view code, std::string detail) {
    return std::make_unique<Failure>(Failure::not_executed(code, std::move(detail)));
  };
  if (loop().now() >= deadline_) return not_executed(failure_code::expired, "the deadline passed before the commit");
  // What arrived by a send may send on: it takes as much out of one outbox as it puts into another.
  if (!sends_.empty() && !envelope_->one_way && shard_.host().pending_sends() >= pending_sends_limit) {
    return not_executed(failure_code::overloaded,
                        "too many sends of " + std::string(shard_.host().name()) + " wait for their receivers");
  }
  auto commit = std::make_unique<Commit>(*this, point);
  fill(*commit, point);
  commit_ = std::move(commit);
  return nullptr;
}

void Turn::begin_commit() {
  if (Store* store = shard_.host().store()) return store->commit(*commit_);
  commit_->status = StoreStatus::done;
  committed();
}

void Turn::fill(Commit& commit, CommitPoint point) {
  commit.key = envelope_->target;
  commit.expected_version = activation_.version;
  commit.layout = shard_.host().type().layout;
  if (shard_.host().store()) {
    troupe::detail::StagedState staged;
    EntityAccess::stage(*activation_.entity, staged);
    using Change = troupe::detail::StagedState::Change;
    commit.state = staged.change == Change::put     ? CommitRequest::State::put
                   : staged.change == Change::erase ? CommitRequest::State::erase
                                                    : CommitRequest::State::untouched;
    commit.body = std::move(staged.body);
    commit.tables = std::move(staged.tables);
    commit.indexes = std::move(staged.indexes);
    if (point == CommitPoint::final && !envelope_->operation.is_nil()) {
      commit.inbox.push_back({envelope_->operation, envelope_->info->reply_to_json(*envelope_), wall_time()});
    }
  }
  // Sequences grow with the version, so they are the entity's own and need no counter.
  std::uint64_t sequence = (activation_.version + 1) * sends_per_commit;
  for (auto& envelope : sends_) {
    envelope->operation = loop().make_id();
    envelope->origin = origin_;
    commit.sends.push_back({sequence++, envelope->operation, std::string(envelope->info->protocol->name),
                            envelope->target, std::string(envelope->info->name),
                            envelope->info->message_to_json(*envelope), origin_->principal, origin_->trace,
                            wall_time()});
  }
  commit.envelopes = std::exchange(sends_, {});
}

void Turn::send(EnvelopePtr envelope) {
  if (sends_.size() == sends_per_commit) {
    throw std::length_error("more than " + std::to_string(sends_per_commit) + " sends before one commit");
  }
  sends_.push_back(std::move(envelope));
}

bool Turn::start_commit(Listener& listener) {
  if (!has_something_to_commit(CommitPoint::middle)) return true;
  commit_failure_ = prepare_commit(CommitPoint::middle);
  commit_listener_ = &listener;
  if (!commit_failure_) {
    begin_commit();
    return commit_listener_ == nullptr && !commit_failure_;
  }
  loop().defer({[](void* turn, std::uint64_t) {
                  auto& self = *static_cast<Turn*>(turn);
                  auto* listener = std::exchange(self.commit_listener_, nullptr);
                  if (!self.cut_.empty()) return self.end_cut();
                  self.resume(*listener);
                },
                this});
  return false;
}

void Turn::committed() {
  auto commit = std::move(commit_);
  std::unique_ptr<Failure> failure;
  if (commit->status == StoreStatus::done) {
    activation_.version = commit->row_is_gone ? 0 : activation_.version + 1;
    committed_ = true;
    EntityAccess::settle(*activation_.entity);
    if (!commit->sends.empty()) {
      loop_state().outbox->take(shard_.host(), commit->key, std::move(commit->sends), std::move(commit->envelopes));
    }
  } else if (commit->status == StoreStatus::unknown) {
    activation_.phase = Activation::Phase::in_doubt;
    failure = std::make_unique<Failure>(Failure::unknown(failure_code::commit_unknown, std::move(commit->detail)));
  } else {
    if (commit->status == StoreStatus::fenced) activation_.phase = Activation::Phase::in_doubt;
    EntityAccess::discard(*activation_.entity);
    failure = std::make_unique<Failure>(Failure::not_executed(refusal_code(commit->status), std::move(commit->detail)));
  }
  if (commit->point == CommitPoint::middle) {
    commit_failure_ = std::move(failure);
    auto* listener = std::exchange(commit_listener_, nullptr);
    if (!cut_.empty()) return end_cut();
    // Without a store the commit ends before start_commit() returns, and the coroutine just goes on.
    if (shard_.host().store()) resume(*listener);
    return;
  }
  if (failure) return failed(std::move(failure));
  finish();
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
