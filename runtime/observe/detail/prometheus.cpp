#include <troupe/observe/detail/prometheus.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <stdexcept>

namespace troupe::observe::detail {
namespace {

bool is_name(std::string_view name, std::string_view extra) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || extra.find(c) != std::string_view::npos;
  };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

void check_metric_name(std::string_view name) {
  if (!is_name(name, ":")) throw std::invalid_argument(fmt::format("`{}` is no name of a metric", name));
}

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (special.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  // Whole numbers without an exponent, as far as a double is exact.
  if (std::abs(value) < 9e15 && std::nearbyint(value) == value) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

/// 2.5e-05 and not 2.4999999999999998e-05: bounds come from products.
std::string bound_text(double bound) { return fmt::format("{:.12g}", bound); }

}  // namespace

void check_counter_name(std::string_view name) {
  check_metric_name(name);
  if (!name.ends_with("_total")) {
    throw std::invalid_argument(fmt::format("the counter `{}` must end in _total", name));
  }
}

void check_gauge_name(std::string_view name) {
  check_metric_name(name);
  if (name.ends_with("_total")) {
    throw std::invalid_argument(fmt::format("the gauge `{}` must not end in _total, which is for counters", name));
  }
}

void check_histogram_name(std::string_view name) {
  check_metric_name(name);
  static constexpr std::array<std::string_view, 5> units = {"_seconds", "_bytes", "_messages", "_rows", "_ratio"};
  if (std::ranges::none_of(units, [&](std::string_view unit) { return name.ends_with(unit); })) {
    throw std::invalid_argument(fmt::format("the histogram `{}` must end in its unit, such as _seconds", name));
  }
}

void check_labels(std::string_view name, const Labels& labels) {
  for (const auto& [label, value] : labels) {
    if (!is_name(label, "") || label.starts_with("__") || label == "le") {
      throw std::invalid_argument(fmt::format("`{}` is no name of a label, in the metric `{}`", label, name));
    }
  }
}

void PrometheusText::family(std::string_view name, std::string_view kind, std::string_view help) {
  text_ += "# HELP ";
  text_ += name;
  text_ += ' ';
  append_escaped(text_, help, "\\");
  fmt::format_to(std::back_inserter(text_), "\n# TYPE {} {}\n", name, kind);
}

void PrometheusText::sample(std::string_view name, const Labels& labels_of_sample, double value) {
  text_ += name;
  labels(labels_of_sample, {});
  fmt::format_to(std::back_inserter(text_), " {}\n", number(value));
}

void PrometheusText::bucket(std::string_view name, const Labels& labels_of_sample, std::optional<double> bound,
                            std::uint64_t count) {
  text_ += name;
  text_ += "_bucket";
  labels(labels_of_sample, bound ? bound_text(*bound) : "+Inf");
  fmt::format_to(std::back_inserter(text_), " {}\n", count);
}

void PrometheusText::labels(const Labels& labels, std::string_view bound) {
  if (labels.empty() && bound.empty()) return;
  char before = '{';
  const auto append = [&](std::string_view label, std::string_view value) {
    text_ += before;
    text_ += label;
    text_ += "=\"";
    append_escaped(text_, value, "\\\"");
    text_ += '"';
    before = ',';
  };
  for (const auto& [label, value] : labels) append(label, value);
  if (!bound.empty()) append("le", bound);
  text_ += '}';
}

}  // namespace troupe::observe::detail
