#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/detail/direct_tables.hpp>
#include <troupe/actor/detail/state_codec.hpp>
#include <troupe/contract/key.hpp>
#include <troupe/contract/stored.hpp>

namespace troupe::detail {

/// What one turn wants written, encoded as the store keeps it.
struct StagedState {
  enum class Change : std::uint8_t { none, put, erase };

  Change change = Change::none;
  std::string body;
  std::vector<TableChange> tables;
  std::vector<IndexChange> indexes;
};

/// An entity's state as the engine sees it. An object of its own, so that none of these names is taken from whoever
/// derives from Entity.
class StateKeeper {
 public:
  /// Errors: throws std::runtime_error when the rows can't be read.
  virtual void restore(const Key& key, std::uint32_t layout, const std::optional<std::string>& body,
                       std::vector<TableRow>& rows) = 0;
  virtual void stage(StagedState& staged) const = 0;
  virtual bool edited() const = 0;
  virtual void settle() = 0;
  virtual void discard() noexcept = 0;

 protected:
  ~StateKeeper() = default;
};

/// The committed state, and the copy that the running turn changes.
template <class State, class Declared>
class KeptState final : public StateKeeper {
  static_assert(has_direct_tables<State>());

 public:
  const State& state() const { return draft_ ? *draft_ : state_; }
  bool exists() const { return draft_ ? draft_exists_ : exists_; }

  State& edit() {
    if (!draft_) draft_ = std::make_unique<State>(state_);
    draft_exists_ = true;
    return *draft_;
  }

  void erase() {
    auto blank = std::make_unique<State>();
    for_each_table(state_, [&](std::uint16_t ordinal, const auto& committed) {
      for_each_table(*blank, [&](std::uint16_t other, auto& table) {
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

  void restore(const Key& key, std::uint32_t layout, const std::optional<std::string>& body,
               std::vector<TableRow>& rows) override {
    draft_.reset();
    exists_ = body.has_value();
    state_ = exists_ ? state_from_row<State>(key, layout, *body) : State{};
    restore_tables(state_, key, rows);
  }

  void stage(StagedState& staged) const override {
    using Change = StagedState::Change;
    staged.change = !draft_ ? Change::none : draft_exists_ ? Change::put : Change::erase;
    if (!draft_) return;
    if (draft_exists_) wire::write_json(staged.body, *draft_);
    staged.tables = table_changes(*draft_);
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
    for_each_table(*draft_, [](std::uint16_t, auto& table) { table.settle(); });
    state_ = std::move(*draft_);
    exists_ = draft_exists_;
    draft_.reset();
  }

  void discard() noexcept override { draft_.reset(); }

 private:
  State state_{};
  std::unique_ptr<State> draft_;
  bool exists_ = false;
  bool draft_exists_ = false;
};

}  // namespace troupe::detail
