// A turn as a transaction: what it has done so far, made durable.

#include <string>
#include <utility>

#include <troupe/engine/detail/outbox.hpp>
#include <troupe/engine/detail/turn.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/host.hpp>

namespace troupe::engine {

namespace {

/// Sends of a protocol on this node that wait for their receivers; beyond, what would send more is refused.
constexpr std::uint64_t pending_sends_limit = 100'000;

}  // namespace

bool Turn::has_something_to_commit(CommitPoint point) const {
  if (is_read()) return false;
  const bool remembers = point == CommitPoint::final && !envelope_->operation.is_nil();
  return EntityAccess::edited(*activation_.entity) || !sends_.empty() || (remembers && shard_.host().store());
}

std::unique_ptr<Failure> Turn::prepare_commit(CommitPoint point) {
  const auto not_executed = [](FailureCode code, std::string detail) {
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

}  // namespace troupe::engine
