#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/rounds.hpp"

namespace troupe::bench {

enum class LimitKind { none, at_most, at_least, at_most_times_peer };

/// What a value has to reach.
struct Limit {
  LimitKind kind = LimitKind::none;
  double value = 0;
};

/// Whether a row that was not measured is told as such or left out: a target is told, a peer for scale is not.
enum class Unmeasured { told, left_out };

/// A row of the report: which series is ours, which peer stands beside it, and the target.
struct Row {
  std::string name;
  std::string ours;  ///< Key of a series.
  std::string peer_name = {};
  std::string peer = {};  ///< Key of a series; empty where no peer is of the same kind.
  Limit limit = {};
  Unmeasured unmeasured = Unmeasured::told;
};

/// The rows of the report, in its order: the targets first, then what stands there for scale. What has no row (other
/// percentiles, the load generator's own CPU) is in raw.json only.
const std::vector<Row>& report_rows();

/// One judged row. `met` is absent without a target, and where nothing was measured.
struct Finding {
  std::string name;
  std::optional<double> value;  ///< Median of the rounds; absent where nothing was measured.
  double min = 0;
  double max = 0;
  std::string unit;
  std::string peer;
  std::optional<double> peer_value;
  std::string target;
  std::optional<bool> met;
};

/// Judges the rows of the groups that were selected.
std::vector<Finding> judge(const std::vector<Row>& rows, const std::vector<std::string>& groups,
                           const Measurements& measurements);

/// The list of `{"name", "value", "unit", "peer", "peer_value", "target", "met"}`, `null` where absent.
boost::json::array to_json(const std::vector<Finding>& findings);

enum class TableStyle { terminal, markdown };
std::string format_table(const std::vector<Finding>& findings, TableStyle style);

}  // namespace troupe::bench
