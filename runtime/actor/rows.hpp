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
  snapshot.scan(scan, [&visit](const ScannedRow& row) {
    return static_cast<bool>(visit(row, state_from_row<State>(row.key, row.layout, row.body)));
  });
}

/// Lets a scan go on behind a cursor. `by` is the index that gives the order, or null. False: it is of another order.
bool go_on(Scan& scan, const IndexDeclaration* by, const Cursor& from);
Cursor cursor_at(const Scan& scan, const IndexDeclaration* by, const ScannedRow& row);

/// A page of at most `limit` items: `view(key, state)` gives an item, or an optional one to leave the row out.
template <class State, class F>
auto page_of(Snapshot& snapshot, Scan scan, const IndexDeclaration* by, std::uint32_t limit,
             const std::optional<Cursor>& from, F& view) {
  using Item = wire::Unwrapped<std::invoke_result_t<F&, const Key&, const State&>>;
  Page<Item> page;
  PageTrace untraced;
  PageTrace& trace = snapshot.trace ? *snapshot.trace : untraced;
  trace.places.clear();
  trace.limit = limit;
  trace.direction = scan.direction;
  if (from && !go_on(scan, by, *from)) {
    trace.foreign_cursor = true;
    return page;
  }
  auto visit = [&](const ScannedRow& row, const State& state) {
    std::optional<Item> item = view(row.key, state);
    if (!item) return true;
    if (page.items.size() == limit) {
      if (!trace.places.empty()) page.next_cursor = trace.places.back();
      return false;
    }
    page.items.push_back(std::move(*item));
    trace.places.push_back(cursor_at(scan, by, row));
    return true;
  };
  scan_states<State>(snapshot, scan, visit);
  return page;
}

}  // namespace detail

/// Rows in the order of an indexed value, and of keys where values are equal. A row without the value is not listed.
///
/// Numbers, enums and times go by their number, text bytewise, ids as keys do. A page's cursor holds the value of its
/// last row, for whoever decodes it: order by short values that clients may see. A row whose value changes between two
/// pages may be on both or on neither.
template <class State>
class RowsByValue {
 public:
  RowsByValue(Snapshot& snapshot, Scan scan, IndexDeclaration by)
      : snapshot_(&snapshot), scan_(std::move(scan)), by_(std::move(by)) {}

  /// Calls `visit(key, state)` row by row until it returns false.
  template <class F>
  void each(F visit) const {
    auto each_row = [&visit](const ScannedRow& row, const State& state) { return visit(row.key, state); };
    detail::scan_states<State>(*snapshot_, scan_, each_row);
  }

  /// As RowsOf::page.
  template <class F>
  auto page(std::uint32_t limit, const std::optional<Cursor>& from, F view) const {
    return detail::page_of<State>(*snapshot_, scan_, &by_, limit, from, view);
  }

 private:
  Snapshot* snapshot_;
  Scan scan_;
  IndexDeclaration by_;
};

/// A protocol's committed entities in this database, as a directory handler reads them: read-only, one consistent view.
///
/// ```
/// static Page<View> on(List m, const Rows& rows) {
///   return rows.where<"user">(m.user).page(m.limit, m.cursor, &view_of);  // view_of(const Key&, const State&)
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
  /// In the order of an index, the least value first unless said otherwise. Rows that where() or containing() leaves
  /// out are passed over on the way.
  template <FixedString Index>
  RowsByValue<State> by(Direction direction = Direction::ascending) const {
    Declared::template check_order<Index, State>();
    Scan scan = scan_;
    scan.by = Declared::template ordinal<Index>;
    scan.direction = direction;
    return {*snapshot_, std::move(scan), Declared::template declaration<Index, State>()};
  }
  /// Only rows whose indexed value is at most this, the least first.
  template <FixedString Index, class V>
  RowsByValue<State> up_to(V value) const {
    Declared::template check_order<Index, State>();
    Scan scan = scan_;
    scan.by = Declared::template ordinal<Index>;
    scan.at_most = detail::IndexTraits<V>::of(std::move(value));
    scan.direction = Direction::ascending;
    return {*snapshot_, std::move(scan), Declared::template declaration<Index, State>()};
  }

  /// Calls `visit(key, state)` row by row until it returns false.
  template <class F>
  void each(F visit) const {
    auto each_row = [&visit](const ScannedRow& row, const State& state) { return visit(row.key, state); };
    detail::scan_states<State>(*snapshot_, scan_, each_row);
  }

  /// A page of at most `limit` items: `view(key, state)` gives an item, or an optional one to leave the row out. A
  /// cursor of a listing in another order is refused, as `invalid` with a fault of the message's cursor.
  template <class F>
  auto page(std::uint32_t limit, const std::optional<Cursor>& from, F view) const {
    return detail::page_of<State>(*snapshot_, scan_, nullptr, limit, from, view);
  }

 private:
  Snapshot* snapshot_;
  Scan scan_;
};

}  // namespace troupe
