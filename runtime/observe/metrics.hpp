#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::observe {

namespace detail {

inline constexpr std::size_t cache_line = 64;

/// A number of its own cache line: no two loops ever write the same one.
struct alignas(cache_line) Cell {
  std::atomic<std::uint64_t> bits = 0;
};

struct HistogramSeries;

/// Cell 0 is shared, cell 1 + i belongs to loop i.
using Cells = std::vector<Cell>;

/// For a cell that one thread writes: no locked instruction.
inline void add_alone(std::atomic<std::uint64_t>& target, std::uint64_t n) {
  target.store(target.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

}  // namespace detail

/// One loop's share of a counter. Threads: that loop's only.
class LoopCounter {
 public:
  LoopCounter() = default;
  explicit LoopCounter(detail::Cell& cell) : cell_(&cell) {}

  void add(std::uint64_t n = 1) const {
    if (cell_ != nullptr) detail::add_alone(cell_->bits, n);
  }

 private:
  detail::Cell* cell_ = nullptr;
};

/// A count that only grows. A default-made one counts nothing. Threads: any.
/// Lifetime: of this handle and those made from it: the registry's, at most.
class Counter {
 public:
  Counter() = default;
  explicit Counter(detail::Cells& cells) : cells_(&cells) {}

  void add(std::uint64_t n = 1) const {
    if (cells_ != nullptr) cells_->front().bits.fetch_add(n, std::memory_order_relaxed);
  }

  /// What loop `index` counts on the hot path. Errors: throws std::out_of_range for a loop the registry has not.
  LoopCounter on(std::size_t index) const {
    return cells_ == nullptr ? LoopCounter() : LoopCounter(cells_->at(index + 1));
  }

 private:
  detail::Cells* cells_ = nullptr;
};

/// One loop's share of a gauge. Threads: that loop's only.
class LoopGauge {
 public:
  LoopGauge() = default;
  explicit LoopGauge(detail::Cell& cell) : cell_(&cell) {}

  void set(double value) const {
    if (cell_ != nullptr) cell_->bits.store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
  }
  void add(double change) const {
    if (cell_ != nullptr) set(std::bit_cast<double>(cell_->bits.load(std::memory_order_relaxed)) + change);
  }

 private:
  detail::Cell* cell_ = nullptr;
};

/// A value that goes up and down; what it shows is the sum of all shares. Threads: any.
class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(detail::Cells& cells) : cells_(&cells) {}

  void set(double value) const;
  void add(double change) const;
  LoopGauge on(std::size_t index) const { return cells_ == nullptr ? LoopGauge() : LoopGauge(cells_->at(index + 1)); }

 private:
  detail::Cells* cells_ = nullptr;
};

/// One loop's share of a histogram. Threads: that loop's only.
class LoopHistogram {
 public:
  LoopHistogram() = default;
  LoopHistogram(detail::HistogramSeries& series, std::size_t share) : series_(&series), share_(share) {}

  void observe(double value) const;

 private:
  detail::HistogramSeries* series_ = nullptr;
  std::size_t share_ = 0;
};

/// How values spread. Threads: any.
class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(detail::HistogramSeries& series) : series_(&series) {}

  void observe(double value) const;
  LoopHistogram on(std::size_t index) const;

 private:
  detail::HistogramSeries* series_ = nullptr;
};

using Labels = std::map<std::string, std::string>;

/// Upper bounds of a histogram's buckets, rising; the last one, infinity, goes without saying.
using Buckets = std::vector<double>;

/// 10 us to 10 s, three to a decade. Units: seconds.
Buckets latency_buckets();

/// A family with more label values counts all further ones under "other": a label must not eat the memory.
inline constexpr std::size_t most_series = 1000;

/// The metrics of one node.
///
///     Registry metrics(loops);
///     const Counter asks = metrics.counter("troupe_asks_total", "Asks sent.", {{"edge", "order -> product"}});
///     const LoopCounter here = asks.on(loop_index);   // on the hot path: here.add()
///
/// A family is made by its first use; asking again for the same name and labels gives the same series. Names are
/// Prometheus' own: a counter ends in `_total`, a histogram in its unit (`_seconds`, `_bytes`, `_messages`).
/// Errors: throws std::invalid_argument for a bad name or label, and for a name used in two ways.
/// Threads: any; making series and reading them takes a lock, counting does not.
class Registry {
 public:
  explicit Registry(std::size_t loops);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                      const Buckets& buckets = latency_buckets());

  /// A value that is looked up when somebody asks. Threads: `read` is called by whoever reads the registry.
  void counter_from(std::string_view name, std::string_view help, const Labels& labels, std::function<double()> read);
  void gauge_from(std::string_view name, std::string_view help, const Labels& labels, std::function<double()> read);

  /// All series in Prometheus' text format.
  std::string to_prometheus() const;

 private:
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  struct Series;
  struct Family;

  Series& series(Kind kind, std::string_view name, std::string_view help, const Labels& labels, const Buckets& buckets);

  std::size_t loops_;
  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

/// The media type of `Registry::to_prometheus`.
inline constexpr std::string_view prometheus_media_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace troupe::observe
