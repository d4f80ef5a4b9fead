#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/actor/detail/state_codec.hpp>
#include <troupe/actor/index.hpp>
#include <troupe/contract/page.hpp>
#include <troupe/contract/stored.hpp>
#include <troupe/wire/reflect.hpp>

namespace troupe {

namespace detail {

template <class State, class F>
void scan_states(Snapshot& snapshot, const Scan& scan, F& visit) {
  snapshot.scan(scan, [&visit](const Key& key, std::uint32_t layout, std::string_view body) {
    return static_cast<bool>(visit(key, state_from_row<State>(key, layout, body)));
  });
}

}  // namespace detail

/// Rows in the order of an indexed value. They have no pages, for a page goes on after a key.
template <class State>
class RowsByValue {
 public:
  RowsByValue(Snapshot& snapshot, Scan scan) : snapshot_(&snapshot), scan_(std::move(scan)) {}

  /// Calls `visit(key, state)` row by row until it returns false.
  template <class F>
  void each(F visit) const {
    detail::scan_states<State>(*snapshot_, scan_, visit);
  }

 private:
  Snapshot* snapshot_;
  Scan scan_;
};

/// A protocol's committed entities in this database, as a directory handler reads them: read-only, one consistent view.
///
/// ```
/// static Page<View> on(List m, const Rows& rows) {
///   return rows.where<"user">(m.user).page(m.limit, m.cursor, [](OrderId id, const State& s) { return view(id, s); });
/// }
/// ```
/// Newest first (descending keys) unless said otherwise. Tables inside a state are not read. Threads: a blocking one.
template <class State, class Declared>
class RowsOf {
 public:
  explicit RowsOf(Snapshot& snapshot) : snapshot_(&snapshot) {}

  /// Only rows whose indexed value is exactly this.
  template <FixedString Index, class V>
  RowsOf where(V value) const {
    RowsOf narrowed = *this;
    narrowed.scan_.index = Declared::template ordinal<Index>;
    narrowed.scan_.equals = detail::IndexTraits<V>::of(std::move(value));
    return narrowed;
  }
  /// Only rows whose indexed text contains this one.
  template <FixedString Index>
  RowsOf containing(std::string text) const {
    RowsOf narrowed = *this;
    narrowed.scan_.index = Declared::template ordinal<Index>;
    narrowed.scan_.contains = std::move(text);
    return narrowed;
  }
  /// Only rows whose indexed value is at most this, the least first.
  template <FixedString Index, class V>
  RowsByValue<State> up_to(V value) const {
    Scan scan;
    scan.index = Declared::template ordinal<Index>;
    scan.at_most = detail::IndexTraits<V>::of(std::move(value));
    scan.order = Scan::Order::ascending;
    return {*snapshot_, std::move(scan)};
  }

  /// Calls `visit(key, state)` row by row until it returns false.
  template <class F>
  void each(F visit) const {
    detail::scan_states<State>(*snapshot_, scan_, visit);
  }

  /// A page of at most `limit` items: `view(key, state)` gives an item, or an optional one to leave the row out.
  template <class F>
  auto page(std::uint32_t limit, const std::optional<Cursor>& from, F view) const {
    using Viewed = std::invoke_result_t<F&, const Key&, const State&>;
    using Item = wire::Unwrapped<Viewed>;
    RowsOf rest = *this;
    if (from) rest.scan_.after = from->key;
    Page<Item> page;
    PageTrace* trace = snapshot_->trace;
    if (trace) *trace = {{}, limit, scan_.order};
    std::optional<Key> last;
    rest.each([&](const Key& key, const State& state) {
      std::optional<Item> item = view(key, state);
      if (!item) return true;
      if (page.items.size() == limit) {
        if (last) page.next_cursor = Cursor{*last};
        return false;
      }
      page.items.push_back(std::move(*item));
      if (trace) trace->keys.push_back(key);
      last = key;
      return true;
    });
    return page;
  }

 private:
  Snapshot* snapshot_;
  Scan scan_;
};

}  // namespace troupe
