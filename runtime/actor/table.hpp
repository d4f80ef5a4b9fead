#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <troupe/wire/holds.hpp>
#include <troupe/wire/reflect.hpp>

namespace troupe {

/// A collection inside a state that may grow large: each item rests in a row of its own, so that a turn writes only the
/// items it changed, and `edit()` copies only those.
///
/// ```
/// struct State { std::uint32_t free = 0; Table<OrderId, Hold> holds; };
/// edit().holds.put(order, Hold{revision, quantity});
/// ```
/// Only a direct field of a state can be a table. Items are in key order. A pointer that find() gave is good until the
/// next change. Lifetime: copies share the committed items, as the copy that edit() makes; settle() is the engine's.
template <class K, class V>
class Table {
 public:
  using key_type = K;
  using mapped_type = V;

  const V* find(const K& key) const {
    if (auto changed = changes_.find(key); changed != changes_.end()) {
      return changed->second ? &*changed->second : nullptr;
    }
    if (!committed_) return nullptr;
    auto it = committed_->find(key);
    return it == committed_->end() ? nullptr : &it->second;
  }
  bool contains(const K& key) const { return find(key) != nullptr; }

  void put(const K& key, V value) { changes_.insert_or_assign(key, std::optional<V>(std::move(value))); }
  void remove(const K& key) { changes_.insert_or_assign(key, std::nullopt); }

  /// Calls `visit(key, value)` in key order until it returns false.
  template <class F>
  void each(F visit) const {
    auto changed = changes_.begin();
    if (committed_) {
      for (const auto& [key, value] : *committed_) {
        for (; changed != changes_.end() && changed->first < key; ++changed) {
          if (changed->second && !visit(changed->first, *changed->second)) return;
        }
        const bool replaced = changed != changes_.end() && !(key < changed->first);
        if (!replaced) {
          if (!visit(key, value)) return;
          continue;
        }
        if (changed->second && !visit(key, *changed->second)) return;
        ++changed;
      }
    }
    for (; changed != changes_.end(); ++changed) {
      if (changed->second && !visit(changed->first, *changed->second)) return;
    }
  }

  std::size_t size() const {
    std::size_t count = 0;
    each([&count](const K&, const V&) {
      ++count;
      return true;
    });
    return count;
  }

  // The engine's part.
  const std::map<K, std::optional<V>>& changes() const { return changes_; }
  void restore(K key, V value) {
    if (!committed_) committed_ = std::make_shared<std::map<K, V>>();
    committed_->insert_or_assign(std::move(key), std::move(value));
  }
  /// The changes were committed: they join the committed items.
  void settle() {
    if (changes_.empty()) return;
    if (!committed_) committed_ = std::make_shared<std::map<K, V>>();
    for (auto& [key, value] : changes_) {
      if (value) {
        committed_->insert_or_assign(key, std::move(*value));
      } else {
        committed_->erase(key);
      }
    }
    changes_.clear();
  }
  /// Removes every item, as an erased entity does.
  void remove_all() {
    changes_.clear();
    if (!committed_) return;
    for (const auto& item : *committed_) changes_.insert_or_assign(item.first, std::nullopt);
  }

 private:
  std::shared_ptr<std::map<K, V>> committed_;
  std::map<K, std::optional<V>> changes_;
};

/// In the state's own JSON a table leaves only a note: its items rest in rows.
template <class K, class V>
struct wire::TextCodec<Table<K, V>> {
  static constexpr std::string_view description = "a note that the items rest in rows of their own";
  static std::string_view to_text(const Table<K, V>&) { return "rows"; }
  static std::optional<Table<K, V>> from_text(std::string_view) { return Table<K, V>(); }
};

template <class T>
inline constexpr bool is_table = false;
template <class K, class V>
inline constexpr bool is_table<Table<K, V>> = true;

/// What its items hold, it holds.
template <template <class> class Is, class K, class V, class... Around>
inline constexpr bool wire::detail::holds_inside<Is, Table<K, V>, Around...> = wire::holds<Is, V, Around...>;

}  // namespace troupe
