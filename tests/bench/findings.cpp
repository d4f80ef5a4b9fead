#include "tests/bench/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace troupe::bench {
namespace {

std::string number(double value) {
  if (value >= 1000 || value == std::floor(value)) return fmt::format("{:.0f}", value);
  return value >= 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.3g}", value);
}

std::string describe(const Limit& limit) {
  switch (limit.kind) {
    case LimitKind::none:
      return {};
    case LimitKind::at_most:
      return "at most " + number(limit.value);
    case LimitKind::at_least:
      return "at least " + number(limit.value);
    case LimitKind::at_most_times_peer:
      return limit.value == 1 ? "at most the peer" : "at most " + number(limit.value) + " times the peer";
  }
  return {};
}

std::optional<bool> is_met(const Limit& limit, double value, std::optional<double> peer_value) {
  switch (limit.kind) {
    case LimitKind::none:
      return std::nullopt;
    case LimitKind::at_most:
      return value <= limit.value;
    case LimitKind::at_least:
      return value >= limit.value;
    case LimitKind::at_most_times_peer:
      if (!peer_value) return std::nullopt;
      return value <= limit.value * *peer_value;
  }
  return std::nullopt;
}

void take(Finding& finding, const Series& series) {
  finding.value = series.median();
  finding.min = series.min();
  finding.max = series.max();
  finding.unit = series.unit;
}

Finding judge_row(const Row& row, const Measurements& measurements) {
  Finding finding;
  finding.name = row.name;
  finding.peer = row.peer_name;
  finding.target = describe(row.limit);
  if (const Series* peer = measurements.find(row.peer)) finding.peer_value = peer->median();
  if (const Series* ours = measurements.find(row.ours)) {
    take(finding, *ours);
    finding.met = is_met(row.limit, *finding.value, finding.peer_value);
  }
  return finding;
}

std::string group_of(const std::string& key) { return key.substr(0, key.find('/')); }

using Cells = std::array<std::string, 8>;

Cells cells_of(const Finding& finding) {
  Cells cells{finding.name};
  cells[1] = finding.value ? number(*finding.value) : "not measured";
  if (finding.value) cells[2] = number(finding.min) + ".." + number(finding.max);
  cells[3] = finding.unit;
  if (finding.peer_value) {
    cells[4] = finding.peer + " " + number(*finding.peer_value);
    // How many times our value the peer's is.
    if (finding.value && *finding.value != 0) cells[5] = fmt::format("{:.2f}", *finding.peer_value / *finding.value);
  }
  cells[6] = finding.target;
  cells[7] = finding.met ? (*finding.met ? "yes" : "NO") : "";
  return cells;
}

}  // namespace

std::vector<Finding> judge(const std::vector<Row>& rows, const std::vector<std::string>& groups,
                           const Measurements& measurements) {
  std::vector<Finding> findings;
  for (const Row& row : rows) {
    if (std::find(groups.begin(), groups.end(), group_of(row.ours)) == groups.end()) continue;
    if (row.unmeasured == Unmeasured::left_out && measurements.find(row.ours) == nullptr) continue;
    findings.push_back(judge_row(row, measurements));
  }
  return findings;
}

boost::json::array to_json(const std::vector<Finding>& findings) {
  const auto text = [](const std::string& value) {
    return value.empty() ? boost::json::value(nullptr) : boost::json::value(value);
  };
  const auto optional = [](const auto& value) {
    return value ? boost::json::value(*value) : boost::json::value(nullptr);
  };
  boost::json::array list;
  for (const Finding& finding : findings) {
    list.push_back({{"name", finding.name},
                    {"value", optional(finding.value)},
                    {"unit", text(finding.unit)},
                    {"peer", text(finding.peer)},
                    {"peer_value", optional(finding.peer_value)},
                    {"target", text(finding.target)},
                    {"met", optional(finding.met)}});
  }
  return list;
}

std::string format_table(const std::vector<Finding>& findings, TableStyle style) {
  std::vector<Cells> lines{{"what", "median", "min..max", "unit", "peer", "peer/ours", "target", "met"}};
  for (const Finding& finding : findings) lines.push_back(cells_of(finding));

  std::array<std::size_t, std::tuple_size_v<Cells>> widths{};
  for (const Cells& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());

  const bool markdown = style == TableStyle::markdown;
  std::string table;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    if (markdown) table += "| ";
    for (std::size_t i = 0; i < widths.size(); ++i)
      table += fmt::format("{:<{}}{}", lines[row][i], widths[i], markdown ? " | " : "  ");
    while (table.back() == ' ') table.pop_back();
    table += '\n';
    if (row > 0) continue;
    for (const std::size_t width : widths) table += markdown ? "| --- " : fmt::format("{:-<{}}  ", "", width);
    while (table.back() == ' ') table.pop_back();
    table += markdown ? " |\n" : "\n";
  }
  return table;
}

}  // namespace troupe::bench
