#include <troupe/observe/log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/json.hpp>

#include <limits>

namespace troupe::observe {
namespace {

using testing::ElementsAre;

Time at() { return *parse_time("2026-11-21T03:24:41.007Z"); }

struct Lines {
  std::vector<std::string> all;

  Log log(LogFormat format, Level level = Level::info) {
    return Log::immediate([this](std::string_view line) { all.emplace_back(line); },
                          {.node = "main", .level = level, .format = format, .clock = at});
  }
};

TEST(Log, WritesOneJsonObjectALine) {
  Lines lines;
  lines.log(LogFormat::json)
      .info("listening", {{"address", "127.0.0.1:8080"},
                          {"loops", 2},
                          {"bytes", std::uint64_t{18446744073709551615u}},
                          {"delta", std::int64_t{-1}},
                          {"seconds", 0.25},
                          {"ready", true}});
  EXPECT_THAT(lines.all, ElementsAre(R"({"time":"2026-11-21T03:24:41.007Z","level":"info","node":"main",)"
                                     R"("message":"listening","address":"127.0.0.1:8080","loops":2,)"
                                     R"("bytes":18446744073709551615,"delta":-1,"seconds":0.25,"ready":true})"));
}

TEST(Log, WritesTextForPeople) {
  Lines lines;
  lines.log(LogFormat::text)
      .warning("slow commit", {{"protocol", "order"}, {"seconds", 1.5}, {"reason", "disk is busy"}, {"empty", ""}});
  EXPECT_THAT(lines.all, ElementsAre(R"(03:24:41.007Z WARN  main  slow commit  protocol=order  seconds=1.5  )"
                                     R"(reason="disk is busy"  empty="")"));
}

TEST(Log, ColoursOnlyTheLevel) {
  Lines lines;
  lines.log(LogFormat::coloured_text).error("no");
  EXPECT_THAT(lines.all, ElementsAre("03:24:41.007Z \x1b[31mERROR\x1b[0m main  no"));
}

TEST(Log, KeepsALineOneLineWhateverItHolds) {
  const std::string hostile("a\nb\x1b[2J\"\\\t\x7f\xc3\x28\0", 14);
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    Lines lines;
    lines.log(format).info(hostile, {{"field", hostile}});
    ASSERT_EQ(lines.all.size(), 1u);
    for (const char c : lines.all[0]) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << lines.all[0];
    EXPECT_EQ(lines.all[0].find('\x7f'), std::string::npos);
    if (format == LogFormat::json) {
      EXPECT_NO_THROW(static_cast<void>(boost::json::parse(lines.all[0]))) << lines.all[0];
    }
  }
}

TEST(Log, WritesWhatJsonHasNoNumberForAsText) {
  Lines lines;
  lines.log(LogFormat::json).info("x", {{"a", std::numeric_limits<double>::infinity()}});
  EXPECT_THAT(lines.all, ElementsAre(testing::HasSubstr(R"("a":"inf")")));
}

TEST(Log, CarriesTheFieldsOfWithOnEveryLine) {
  Lines lines;
  const Log log = lines.log(LogFormat::json);
  const Log request = log.with({{"trace_id", "4bf92f35"}}).with({{"route", "/products"}});
  request.info("one", {{"status", 200}});
  log.info("two");
  EXPECT_THAT(
      lines.all,
      ElementsAre(testing::EndsWith(R"("message":"one","trace_id":"4bf92f35","route":"/products","status":200})"),
                  testing::EndsWith(R"("message":"two"})")));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Lines lines;
  const Log log = lines.log(LogFormat::text, Level::warning);
  log.info("a");
  EXPECT_FALSE(log.enabled(Level::info));
  log.warning("b");
  log.with({}).set_level(Level::debug);
  log.debug("c");
  EXPECT_THAT(lines.all, ElementsAre("03:24:41.007Z WARN  main  b", "03:24:41.007Z DEBUG main  c"));
}

TEST(Log, DiscardsEverythingUntilItIsGivenAPlace) {
  const Log log;
  EXPECT_FALSE(log.enabled(Level::error));
  log.with({{"a", 1}}).error("nobody hears this");
  EXPECT_EQ(log.dropped(), 0u);
}

TEST(Log, KnowsItsLevelsByName) {
  EXPECT_EQ(level_from("debug"), Level::debug);
  EXPECT_EQ(level_from("error"), Level::error);
  EXPECT_EQ(level_from("Error"), std::nullopt);
  EXPECT_EQ(level_from(""), std::nullopt);
}

TEST(Log, IsJsonWhereNoTerminalListens) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(format_for(ends[1], {}), LogFormat::json);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace troupe::observe
