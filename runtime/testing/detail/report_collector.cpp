#include <troupe/testing/detail/report_collector.hpp>

namespace troupe::testing::detail {

void ReportCollector::crashed(const engine::CrashReport& report) {
  lines.push_back(std::string(report.protocol) + ' ' + report.key.to_string() + " crashed in " +
                  std::string(report.message) + ": " + std::string(report.what));
}

void ReportCollector::supervised(const supervision::Report& report) { lines.push_back(to_text(report)); }

void ReportCollector::buried(std::string_view protocol, const DeadLetter& letter) {
  lines.push_back("a send of " + std::string(protocol) + ' ' + letter.sender.to_string() +
                  " is a dead letter: " + letter.send.protocol + ' ' + letter.send.target.to_string() + " crashed on " +
                  letter.send.message + " again and again");
}

}  // namespace troupe::testing::detail
