#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actor/all.hpp>
#include <troupe/actor/asks.hpp>
#include <troupe/actor/blocking.hpp>
#include <troupe/actor/detail/awaiter.hpp>
#include <troupe/actor/detail/kept_state.hpp>
#include <troupe/actor/index.hpp>
#include <troupe/actor/ref.hpp>
#include <troupe/actor/rows.hpp>
#include <troupe/actor/task.hpp>
#include <troupe/contract/context.hpp>

namespace troupe {

namespace detail {

class CommitAwaiter final : public Awaiter {
 public:
  explicit CommitAwaiter(Context& turn) : turn_(&turn) {}

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle);
    return !turn_->start_commit(*this);
  }
  void await_resume() const noexcept {}

  void on_ready() override { go_on_or_fail(turn_->take_commit_failure()); }

 private:
  Context* turn_;
};

}  // namespace detail

/// What every entity has, whatever its protocol and state. Derive from Entity.
class EntityBase {
 public:
  EntityBase(const EntityBase&) = delete;
  EntityBase& operator=(const EntityBase&) = delete;
  virtual ~EntityBase() = default;

 protected:
  explicit EntityBase(detail::StateKeeper& keeper) : keeper_(keeper) {}

  const Key& key() const { return key_; }

  /// Who asks, as the gateway or the runtime knows it.
  const Principal& principal() const { return turn_->origin()->principal; }
  Time now() const { return turn_->wall_time(); }
  /// A fresh time-ordered id: `new_id<OrderId>()`.
  template <class Id>
  Id new_id() const {
    return Id{turn_->make_id()};
  }

  /// `co_await commit()`: what is done so far becomes durable now, before a call that must not be forgotten. After it,
  /// a rejection or failure of this turn loses only what came later.
  detail::CommitAwaiter commit() { return detail::CommitAwaiter(*turn_); }

 private:
  friend class EntityAccess;
  template <class Api, class State, class... Options>
  friend class Entity;

  detail::StateKeeper& keeper_;
  Key key_;
  Context* turn_ = nullptr;  ///< of the handler that runs at this moment
};

/// The engine's way into an entity.
class EntityAccess {
 public:
  static void set_key(EntityBase& e, Key key) { e.key_ = std::move(key); }
  static const Key& key(const EntityBase& e) { return e.key_; }
  static void enter(EntityBase& e, Context* turn) { e.turn_ = turn; }

  /// Errors: throws std::runtime_error when the rows can't be read.
  static void restore(EntityBase& e, std::uint32_t layout, const std::optional<std::string>& body,
                      std::vector<TableRow>& rows) {
    e.keeper_.restore(e.key_, layout, body, rows);
  }
  static void stage(const EntityBase& e, detail::StagedState& staged) { e.keeper_.stage(staged); }
  static bool edited(const EntityBase& e) { return e.keeper_.edited(); }
  static void settle(EntityBase& e) { e.keeper_.settle(); }
  static void discard(EntityBase& e) noexcept { e.keeper_.discard(); }
};

/// An addressable object with durable state: `class Product : public Entity<Api, State>`, with `Indexes<…>` to find it
/// by and an `Asks<…>` for each protocol that it asks or sends to.
///
/// For each message of `Api` it has one handler: `Task<Reply> on(M)`, const exactly for `read` messages, or, for a
/// directory message, `static Reply on(M, const Rows&)`. A handler is a turn and a transaction: a successful end
/// commits edits and sends together, then replies; any other end leaves no trace. Handlers never run in parallel,
/// except const ones with each other while they wait.
template <class Api_, class State_, class... Options>
class Entity : public EntityBase {
 public:
  using Api = Api_;
  using State = State_;
  using DeclaredOptions = detail::EntityOptions<Api, Options...>;
  using DeclaredIndexes = typename DeclaredOptions::Declared;
  using Rows = RowsOf<State, DeclaredIndexes>;

 protected:
  Entity() : EntityBase(kept_) {}

  /// A durable one-way message: it leaves with this turn's commit and arrives once, also across a restart.
  template <Message M, class Callee, class... Fields>
  void send(const Ref<Callee>& to, Fields&&... fields) {
    static_assert(DeclaredOptions::template may_ask<Callee, M>,
                  "this entity does not declare that it sends M: add Asks<Callee, M> to its Entity<…>");
    static_assert(!wire::holds_secret<M>,
                  "M holds a Secret, and what is sent is kept in the database until it arrives: ask it instead");
    turn_->send(to.template envelope<M>(std::forward<Fields>(fields)...));
  }
  template <Message M, FixedString Tag, class Callee, class... Fields>
  void send(const Id<Tag, Callee>& to, Fields&&... fields) {
    send<M>(entity_of(to), std::forward<Fields>(fields)...);
  }

  /// The state as this turn sees it: its own edits included.
  const State& state() const { return kept_.state(); }

  /// The copy that this turn changes. A reference to it must not be kept across a co_await.
  State& edit() { return kept_.edit(); }

  /// Forgets the state: as if the entity had never been.
  void erase() { kept_.erase(); }

  /// Whether there is a state: something was edited and not erased since.
  bool exists() const { return kept_.exists(); }

 private:
  static_assert(!wire::holds_secret<State>, "a state holds no Secret: it is kept in the database");

  detail::KeptState<State, DeclaredIndexes> kept_;
};

}  // namespace troupe
