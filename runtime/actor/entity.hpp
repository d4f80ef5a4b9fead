#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/actor/all.hpp"
#include "runtime/actor/blocking.hpp"
#include "runtime/actor/context.hpp"
#include "runtime/actor/detail/state_form.hpp"
#include "runtime/actor/index.hpp"
#include "runtime/actor/ref.hpp"
#include "runtime/actor/rows.hpp"
#include "runtime/actor/task.hpp"

namespace troupe {

namespace detail {

/// What one turn wants written, in the forms that rest.
struct StagedState {
  enum class Change : std::uint8_t { none, put, erase };

  Change change = Change::none;
  std::string body;
  std::vector<TableChange> tables;
  std::vector<IndexChange> indexes;
};

class CommitAwaiter final : public Listener {
 public:
  explicit CommitAwaiter(Context& context) : context_(&context) {}
  CommitAwaiter(const CommitAwaiter&) = delete;
  CommitAwaiter& operator=(const CommitAwaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    waiter_ = &handle.promise();
    waiter_handle_ = handle;
    return !context_->start_commit(*this);
  }
  void await_resume() const noexcept {}

  void on_ready() override {
    if (auto failure = context_->take_commit_failure()) return waiter_->fail(std::move(failure));
    context_->continue_with(waiter_handle_);
  }

 private:
  Context* context_;
  TaskPromise* waiter_ = nullptr;
  std::coroutine_handle<> waiter_handle_;
};

}  // namespace detail

/// What every entity has, whatever its protocol and state. Derive from Entity.
class EntityBase {
 public:
  EntityBase() = default;
  EntityBase(const EntityBase&) = delete;
  EntityBase& operator=(const EntityBase&) = delete;
  virtual ~EntityBase() = default;

 protected:
  const Key& key() const { return key_; }

  /// Who asks, as the gateway or the runtime knows it.
  const Principal& principal() const { return turn_->origin()->principal; }
  Time now() const { return turn_->wall_time(); }
  /// A fresh time-ordered id: `new_id<OrderId>()`.
  template <class Id>
  Id new_id() const {
    return Id{turn_->make_id()};
  }

  /// A durable one-way message: it leaves with this turn's commit and arrives once, also across a restart.
  template <Message M, class Api, class... Fields>
  void send(const Ref<Api>& to, Fields&&... fields) {
    turn_->send(to.template letter<M>(std::forward<Fields>(fields)...));
  }

  /// `co_await commit()`: what is done so far becomes durable now, before a call that must not be forgotten. After it,
  /// a rejection or failure of this turn loses only what came later.
  detail::CommitAwaiter commit() { return detail::CommitAwaiter(*turn_); }

 private:
  friend class EntityAccess;

  virtual void restore(std::uint32_t layout, const std::optional<std::string>& body, std::vector<TableRow>& rows) = 0;
  virtual void stage(detail::StagedState& staged) const = 0;
  virtual bool edited() const = 0;
  virtual void settle() = 0;
  virtual void discard() noexcept = 0;

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
    e.restore(layout, body, rows);
  }
  static void stage(const EntityBase& e, detail::StagedState& staged) { e.stage(staged); }
  static bool edited(const EntityBase& e) { return e.edited(); }
  static void settle(EntityBase& e) { e.settle(); }
  static void discard(EntityBase& e) noexcept { e.discard(); }
};

/// An addressable object with durable state: `class Product : public Entity<Api, State>`.
///
/// For each message of `Api` it has one handler: `Task<Reply> on(M)`, const exactly for `read` messages, or, for a
/// directory message, `static Reply on(M, const Rows&)`. A handler is a turn and a transaction: a successful end
/// commits edits and sends together, then replies; any other end leaves no trace. Handlers never run in parallel,
/// except const ones with each other while they wait.
template <class Api_, class State_, class Declared = Indexes<>>
class Entity : public EntityBase {
 public:
  using Api = Api_;
  using State = State_;
  using DeclaredIndexes = Declared;
  using Rows = RowsOf<State, Declared>;

 protected:
  /// The state as this turn sees it: its own edits included.
  const State& state() const { return draft_ ? *draft_ : state_; }

  /// The copy that this turn changes. A reference to it must not be kept across a co_await.
  State& edit() {
    if (!draft_) draft_ = std::make_unique<State>(state_);
    draft_exists_ = true;
    return *draft_;
  }

  /// Forgets the state: as if the entity had never been.
  void erase() {
    auto blank = std::make_unique<State>();
    detail::for_each_table(state_, [&](std::uint16_t ordinal, const auto& committed) {
      detail::for_each_table(*blank, [&](std::uint16_t other, auto& table) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(table)>, std::remove_cvref_t<decltype(committed)>>) {
          if (other != ordinal) return;
          table = committed;
          table.remove_all();
        }
      });
    });
    draft_ = std::move(blank);
    draft_exists_ = false;
  }

  /// Whether there is a state: something was edited and not erased since.
  bool exists() const { return draft_ ? draft_exists_ : exists_; }

 private:
  void restore(std::uint32_t layout, const std::optional<std::string>& body, std::vector<TableRow>& rows) override {
    draft_.reset();
    exists_ = body.has_value();
    state_ = exists_ ? detail::state_from_row<State>(key(), layout, *body) : State{};
    detail::restore_tables(state_, key(), rows);
  }

  void stage(detail::StagedState& staged) const override {
    using Change = detail::StagedState::Change;
    staged.change = !draft_ ? Change::none : draft_exists_ ? Change::put : Change::erase;
    if (!draft_) return;
    if (draft_exists_) wire::write_json(staged.body, *draft_);
    staged.tables = detail::table_changes(*draft_);
    if constexpr (Declared::size > 0) {
      std::array<std::optional<IndexValue>, Declared::size> before{};
      std::array<std::optional<IndexValue>, Declared::size> after{};
      if (exists_) before = Declared::values(state_);
      if (draft_exists_) after = Declared::values(*draft_);
      for (std::uint16_t i = 0; i < Declared::size; ++i) {
        if (before[i] != after[i]) staged.indexes.push_back({i, std::move(before[i]), std::move(after[i])});
      }
    }
  }

  bool edited() const override { return draft_ != nullptr; }

  void settle() override {
    if (!draft_) return;
    detail::for_each_table(*draft_, [](std::uint16_t, auto& table) { table.settle(); });
    state_ = std::move(*draft_);
    exists_ = draft_exists_;
    draft_.reset();
  }

  void discard() noexcept override { draft_.reset(); }

  State state_{};
  std::unique_ptr<State> draft_;
  bool exists_ = false;
  bool draft_exists_ = false;
};

}  // namespace troupe
