#pragma once

#include <troupe/observe/metrics.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::observe::detail {

// Each throws std::invalid_argument that names what is wrong.
void check_counter_name(std::string_view name);
void check_gauge_name(std::string_view name);
void check_histogram_name(std::string_view name);
void check_labels(std::string_view name, const Labels& labels);

/// Writes Prometheus' text format, version 0.0.4.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
class PrometheusText {
 public:
  void family(std::string_view name, std::string_view kind, std::string_view help);
  void sample(std::string_view name, const Labels& labels, double value);

  /// `count` is of all values up to `bound`; without a bound, of all.
  void bucket(std::string_view name, const Labels& labels, std::optional<double> bound, std::uint64_t count);

  std::string take() { return std::move(text_); }

 private:
  void labels(const Labels& labels, std::string_view bound);

  std::string text_;
};

}  // namespace troupe::observe::detail
