#include <troupe/observe/metrics.hpp>

#include <troupe/observe/detail/prometheus.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace troupe::observe {
namespace detail {

/// The shares of one histogram: each is a run of cache lines with the sum in front and a count per bucket.
struct HistogramSeries {
  HistogramSeries(Buckets upper_bounds, std::size_t shares_wanted)
      : bounds(std::move(upper_bounds)), shares(shares_wanted) {
    for (std::vector<Line>& share : shares) share = std::vector<Line>((bounds.size() + 2 + per_line - 1) / per_line);
  }

  static constexpr std::size_t per_line = cache_line / sizeof(std::uint64_t);
  struct alignas(cache_line) Line {
    std::array<std::atomic<std::uint64_t>, per_line> words{};
  };

  std::atomic<std::uint64_t>& word(std::size_t share, std::size_t index) {
    return shares[share][index / per_line].words[index % per_line];
  }
  std::atomic<std::uint64_t>& sum(std::size_t share) { return word(share, 0); }
  std::atomic<std::uint64_t>& bucket(std::size_t share, std::size_t index) { return word(share, index + 1); }

  /// A bound belongs to its bucket; the bucket after the last one goes to infinity.
  std::size_t bucket_of(double value) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
  }

  Buckets bounds;
  std::vector<std::vector<Line>> shares;
};

namespace {

void add_double(std::atomic<std::uint64_t>& target, double change) {
  std::uint64_t before = target.load(std::memory_order_relaxed);
  while (!target.compare_exchange_weak(before, std::bit_cast<std::uint64_t>(std::bit_cast<double>(before) + change),
                                       std::memory_order_relaxed)) {
  }
}

double as_double(const std::atomic<std::uint64_t>& bits) {
  return std::bit_cast<double>(bits.load(std::memory_order_relaxed));
}

}  // namespace
}  // namespace detail

void Gauge::set(double value) const {
  if (cells_ != nullptr) cells_->front().bits.store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
}

void Gauge::add(double change) const {
  if (cells_ != nullptr) detail::add_double(cells_->front().bits, change);
}

void LoopHistogram::observe(double value) const {
  if (series_ == nullptr) return;
  detail::add_alone(series_->bucket(share_, series_->bucket_of(value)), 1);
  std::atomic<std::uint64_t>& sum = series_->sum(share_);
  sum.store(std::bit_cast<std::uint64_t>(detail::as_double(sum) + value), std::memory_order_relaxed);
}

void Histogram::observe(double value) const {
  if (series_ == nullptr) return;
  series_->bucket(0, series_->bucket_of(value)).fetch_add(1, std::memory_order_relaxed);
  detail::add_double(series_->sum(0), value);
}

LoopHistogram Histogram::on(std::size_t index) const {
  if (series_ == nullptr) return {};
  if (index + 1 >= series_->shares.size()) throw std::out_of_range("the metrics know no loop " + std::to_string(index));
  return {*series_, index + 1};
}

Buckets latency_buckets() {
  Buckets buckets;
  for (double decade = 1e-5; decade < 5.0; decade *= 10) {
    for (const double step : {1.0, 2.5, 5.0}) buckets.push_back(decade * step);
  }
  buckets.push_back(10);
  return buckets;
}

struct Registry::Series {
  detail::Cells cells;
  std::unique_ptr<detail::HistogramSeries> histogram;
  std::function<double()> read;
};

struct Registry::Family {
  Kind kind = Kind::counter;
  std::string help;
  Buckets buckets;
  std::map<Labels, Series> series;
};

Registry::Registry(std::size_t loops) : loops_(loops) {}
Registry::~Registry() = default;

Registry::Series& Registry::series(Kind kind, std::string_view name, std::string_view help, const Labels& labels,
                                   const Buckets& buckets) {
  const auto [found, fresh] = families_.try_emplace(std::string(name));
  Family& family = found->second;
  if (fresh) {
    family.kind = kind;
    family.help = help;
    family.buckets = buckets;
  } else if (family.kind != kind || family.buckets != buckets) {
    throw std::invalid_argument("the metric " + std::string(name) + " is used in two ways");
  }
  Labels key = labels;
  if (!family.series.contains(key) && family.series.size() >= most_series) {
    for (auto& [label, value] : key) value = "other";
  }
  const auto [entry, added] = family.series.try_emplace(std::move(key));
  Series& series = entry->second;
  if (added && kind == Kind::histogram) {
    series.histogram = std::make_unique<detail::HistogramSeries>(buckets, loops_ + 1);
  } else if (added) {
    series.cells = detail::Cells(loops_ + 1);
  }
  return series;
}

Counter Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  detail::check_counter_name(name);
  detail::check_labels(name, labels);
  const std::lock_guard lock(mutex_);
  return Counter(series(Kind::counter, name, help, labels, {}).cells);
}

Gauge Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  detail::check_gauge_name(name);
  detail::check_labels(name, labels);
  const std::lock_guard lock(mutex_);
  return Gauge(series(Kind::gauge, name, help, labels, {}).cells);
}

Histogram Registry::histogram(std::string_view name, std::string_view help, const Labels& labels,
                              const Buckets& buckets) {
  detail::check_histogram_name(name);
  detail::check_labels(name, labels);
  if (buckets.empty() || std::ranges::adjacent_find(buckets, std::greater_equal<>()) != buckets.end()) {
    throw std::invalid_argument("the buckets of " + std::string(name) + " must rise");
  }
  const std::lock_guard lock(mutex_);
  return Histogram(*series(Kind::histogram, name, help, labels, buckets).histogram);
}

void Registry::counter_from(std::string_view name, std::string_view help, const Labels& labels,
                            std::function<double()> read) {
  detail::check_counter_name(name);
  detail::check_labels(name, labels);
  const std::lock_guard lock(mutex_);
  series(Kind::counter, name, help, labels, {}).read = std::move(read);
}

void Registry::gauge_from(std::string_view name, std::string_view help, const Labels& labels,
                          std::function<double()> read) {
  detail::check_gauge_name(name);
  detail::check_labels(name, labels);
  const std::lock_guard lock(mutex_);
  series(Kind::gauge, name, help, labels, {}).read = std::move(read);
}

namespace {

/// Counters are whole numbers, gauges doubles in the same cells.
double counter_value(const detail::Cells& cells) {
  std::uint64_t sum = 0;
  for (const detail::Cell& cell : cells) sum += cell.bits.load(std::memory_order_relaxed);
  return static_cast<double>(sum);
}

double gauge_value(const detail::Cells& cells) {
  double sum = 0;
  for (const detail::Cell& cell : cells) sum += detail::as_double(cell.bits);
  return sum;
}

void write_histogram(detail::PrometheusText& text, std::string_view name, const Labels& labels,
                     detail::HistogramSeries& series) {
  std::uint64_t count = 0;
  for (std::size_t bucket = 0; bucket <= series.bounds.size(); ++bucket) {
    for (std::size_t share = 0; share < series.shares.size(); ++share) {
      count += series.bucket(share, bucket).load(std::memory_order_relaxed);
    }
    text.bucket(name, labels, bucket < series.bounds.size() ? std::optional(series.bounds[bucket]) : std::nullopt,
                count);
  }
  double sum = 0;
  for (std::size_t share = 0; share < series.shares.size(); ++share) sum += detail::as_double(series.sum(share));
  text.sample(std::string(name) + "_sum", labels, sum);
  text.sample(std::string(name) + "_count", labels, static_cast<double>(count));
}

}  // namespace

std::string Registry::to_prometheus() const {
  static constexpr std::array<std::string_view, 3> kinds = {"counter", "gauge", "histogram"};
  const std::lock_guard lock(mutex_);
  detail::PrometheusText text;
  for (const auto& [name, family] : families_) {
    text.family(name, kinds.at(static_cast<std::size_t>(family.kind)), family.help);
    for (const auto& [labels, series] : family.series) {
      if (series.histogram) {
        write_histogram(text, name, labels, *series.histogram);
      } else if (series.read) {
        text.sample(name, labels, series.read());
      } else {
        text.sample(name, labels,
                    family.kind == Kind::counter ? counter_value(series.cells) : gauge_value(series.cells));
      }
    }
  }
  return text.take();
}

}  // namespace troupe::observe
