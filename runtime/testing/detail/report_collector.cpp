#include <troupe/testing/detail/report_collector.hpp>

namespace troupe::testing::detail {

void ReportCollector::crashed(const engine::CrashReport& report) {
  lines.push_back(std::string(report.protocol) + ' ' + report.key.to_string() + " crashed in " +
                  std::string(report.message) + ": " + std::string(report.what));
}

}  // namespace troupe::testing::detail
