#include "tests/bench/findings.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <sstream>
#include <stdexcept>

namespace troupe::bench {
namespace {

const std::vector<std::string> only_get{"get"};

Measurements two_series() {
  return {.series = {{"get/shop/cpu", "us", {12, 30, 14}}, {"get/beast/cpu", "us", {10, 9}}},
          .skipped = {},
          .failures = {}};
}

TEST(Findings, TakeTheMedianOfTheRounds) {
  const Measurements measured = two_series();
  EXPECT_DOUBLE_EQ(measured.find("get/shop/cpu")->median(), 14);
  EXPECT_DOUBLE_EQ(measured.find("get/beast/cpu")->median(), 9.5);
  EXPECT_DOUBLE_EQ(measured.find("get/shop/cpu")->max(), 30);
}

TEST(Findings, JudgeAgainstANumberAndAgainstThePeer) {
  const std::vector<Row> rows{{"cpu", "get/shop/cpu", {}, {}, {LimitKind::at_most, 13}},
                              {"ratio", "get/shop/cpu", "Beast", "get/beast/cpu", {LimitKind::at_most_times_peer, 1.5}},
                              {"floor", "get/shop/cpu", {}, {}, {LimitKind::at_least, 14}}};
  const std::vector<Finding> findings = judge(rows, only_get, two_series());
  EXPECT_EQ(findings.at(0).met, false);
  EXPECT_EQ(findings.at(1).met, true);
  EXPECT_EQ(findings.at(2).met, true);
  EXPECT_EQ(boost::json::serialize(to_json({findings.at(1)})),
            R"([{"name":"ratio","value":1.4E1,"unit":"us","peer":"Beast","peer_value":9.5E0,)"
            R"("target":"at most 1.5 times the peer","met":true}])");
}

TEST(Findings, NameATargetThatIsThePeerItself) {
  const std::vector<Row> rows{{"cpu", "get/shop/cpu", "Beast", "get/beast/cpu", {LimitKind::at_most_times_peer, 1}}};
  const Finding finding = judge(rows, only_get, two_series()).at(0);
  EXPECT_EQ(finding.target, "at most the peer");
  EXPECT_EQ(finding.met, false);
}

TEST(Findings, SayThatNothingWasMeasuredRatherThanThatATargetIsMet) {
  const std::vector<Row> rows{{"cpu", "get/gone/cpu", {}, {}, {LimitKind::at_most, 13}},
                              {"ratio", "get/shop/cpu", "gone", "get/gone/cpu", {LimitKind::at_most_times_peer, 2}}};
  const std::vector<Finding> findings = judge(rows, only_get, two_series());
  EXPECT_FALSE(findings.at(0).value);
  EXPECT_FALSE(findings.at(0).met);
  EXPECT_FALSE(findings.at(1).met);
  EXPECT_NE(format_table(findings, TableStyle::markdown).find("not measured"), std::string::npos);
}

TEST(Findings, LeaveOutRowsOfOtherGroupsAndPeersThatDidNotRun) {
  const std::vector<Row> rows{{"orders", "orders/shop/cpu"},
                              {"nginx", "get/nginx/cpu", {}, {}, {}, Unmeasured::left_out},
                              {"cpu", "get/shop/cpu"}};
  const std::vector<Finding> findings = judge(rows, only_get, two_series());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].name, "cpu");
}

TEST(Rounds, TakeTurnsAndOutliveAFailure) {
  std::string turns;
  const auto turn = [&turns](char name) {
    return [&turns, name]() -> std::vector<Sample> {
      turns += name;
      if (name == 'b') throw std::runtime_error("out of luck");
      return {{"rate", static_cast<double>(turns.size()), "1/s"}};
    };
  };
  const std::vector<Group> groups{{"group", {{"a", turn('a')}, {"b", turn('b')}, {"c", turn('c'), "no such program"}}}};
  std::ostringstream progress;
  const Measurements measured = run_rounds(groups, 2, progress);
  EXPECT_EQ(turns, "abab");
  EXPECT_EQ(measured.find("group/a/rate")->rounds, (std::vector<double>{1, 3}));
  EXPECT_EQ(measured.failures, (std::vector<std::string>{"group/b: out of luck", "group/b: out of luck"}));
  EXPECT_EQ(measured.skipped, std::vector<std::string>{"group/c: no such program"});
}

TEST(Sample, IsReadBackFromAProgramsOutput) {
  const std::vector<Sample> samples = parse_samples("warming up\n{\"name\":\"a\",\"value\":2,\"unit\":\"ns\"}\n");
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].name, "a");
  EXPECT_DOUBLE_EQ(samples[0].value, 2);
  EXPECT_THROW(parse_samples("{\"name\":\"a\"}"), std::exception);
}

}  // namespace
}  // namespace troupe::bench
