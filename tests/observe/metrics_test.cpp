#include <troupe/observe/metrics.hpp>

#include <troupe/observe/process.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace troupe::observe {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreWrittenInPrometheusTextFormat) {
  Registry metrics(2);
  metrics.counter("troupe_asks_total", "Asks sent.", {{"edge", "order -> product"}, {"reach", "local"}}).add(3);
  metrics.counter("troupe_asks_total", "Asks sent.", {{"edge", "gateway -> user"}, {"reach", "local"}});
  metrics.gauge("troupe_entities", "Entities in memory.").set(1.5);
  const Histogram seconds = metrics.histogram("troupe_turn_seconds", "Duration of a turn.", {}, {0.001, 0.01});
  seconds.observe(0.001);
  seconds.observe(0.002);
  seconds.observe(5);
  EXPECT_EQ(metrics.to_prometheus(), R"(# HELP troupe_asks_total Asks sent.
# TYPE troupe_asks_total counter
troupe_asks_total{edge="gateway -> user",reach="local"} 0
troupe_asks_total{edge="order -> product",reach="local"} 3
# HELP troupe_entities Entities in memory.
# TYPE troupe_entities gauge
troupe_entities 1.5
# HELP troupe_turn_seconds Duration of a turn.
# TYPE troupe_turn_seconds histogram
troupe_turn_seconds_bucket{le="0.001"} 1
troupe_turn_seconds_bucket{le="0.01"} 2
troupe_turn_seconds_bucket{le="+Inf"} 3
troupe_turn_seconds_sum 5.003
troupe_turn_seconds_count 3
)");
}

TEST(Metrics, EscapeWhatTheFormatCannotHold) {
  Registry metrics(1);
  metrics.counter("a_total", "One\\two\n\"three\"", {{"label", "a\\b\"c\nd"}}).add();
  EXPECT_EQ(metrics.to_prometheus(),
            "# HELP a_total One\\\\two\\n\"three\"\n# TYPE a_total counter\na_total{label=\"a\\\\b\\\"c\\nd\"} 1\n");
}

TEST(Metrics, WriteNumbersExactly) {
  Registry metrics(1);
  const auto text_of = [&](double value) {
    metrics.gauge("g", "").set(value);
    const std::string text = metrics.to_prometheus();
    return text.substr(text.rfind(' ') + 1);
  };
  EXPECT_EQ(text_of(0), "0\n");
  EXPECT_EQ(text_of(-3), "-3\n");
  EXPECT_EQ(text_of(0.1), "0.1\n");
  EXPECT_EQ(text_of(1e300), "1e+300\n");
  EXPECT_EQ(text_of(9007199254740991), "9007199254740991\n");
  EXPECT_EQ(text_of(std::numeric_limits<double>::infinity()), "+Inf\n");
  EXPECT_EQ(text_of(-std::numeric_limits<double>::infinity()), "-Inf\n");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "NaN\n");
}

TEST(Metrics, AddUpTheSharesOfAllLoops) {
  Registry metrics(2);
  const Counter counter = metrics.counter("c_total", "");
  counter.on(0).add();
  counter.on(1).add(10);
  counter.add(100);
  const Gauge gauge = metrics.gauge("g", "");
  gauge.on(0).set(4);
  gauge.on(1).add(2);
  gauge.on(1).add(-1);
  gauge.add(0.5);
  const Histogram histogram = metrics.histogram("h_seconds", "", {}, {1});
  histogram.on(0).observe(0.5);
  histogram.on(1).observe(2);
  histogram.observe(3);
  const std::string text = metrics.to_prometheus();
  EXPECT_THAT(text, HasSubstr("\nc_total 111\n"));
  EXPECT_THAT(text, HasSubstr("\ng 5.5\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"1\"} 1\nh_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_sum 5.5\n"));
  EXPECT_THROW(static_cast<void>(counter.on(2)), std::out_of_range);
  EXPECT_THROW(static_cast<void>(histogram.on(2)), std::out_of_range);
}

TEST(Metrics, LoseNothingBetweenThreads) {
  constexpr int rounds = 100'000;
  Registry metrics(2);
  const Counter counter = metrics.counter("c_total", "");
  const Histogram histogram = metrics.histogram("h_seconds", "", {}, {1});
  const auto count = [&](std::size_t loop) {
    const LoopCounter mine = counter.on(loop);
    const LoopHistogram spread = histogram.on(loop);
    for (int i = 0; i < rounds; ++i) {
      mine.add();
      counter.add();
      spread.observe(1);
      histogram.observe(1);
    }
  };
  std::thread one(count, 0);
  std::thread two(count, 1);
  for (int i = 0; i < 100; ++i) static_cast<void>(metrics.to_prometheus());
  one.join();
  two.join();
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("c_total 400000\n"));
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("h_seconds_sum 400000\nh_seconds_count 400000\n"));
}

TEST(Metrics, CanBeLookedUpOnlyWhenAskedFor) {
  Registry metrics(1);
  int asked = 0;
  metrics.gauge_from("g", "", {{"kind", "a"}}, [&] { return ++asked; });
  metrics.counter_from("c_total", "", {}, [&] { return 7; });
  EXPECT_EQ(asked, 0);
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("g{kind=\"a\"} 1\n"));
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("c_total 7\n"));
}

TEST(Metrics, RefuseNamesThatPrometheusWouldNotTake) {
  Registry metrics(1);
  for (const auto* name : {"", "9_total", "a-b_total", "a b_total", "\xc3\xa4_total", "a"}) {
    EXPECT_THROW(metrics.counter(name, ""), std::invalid_argument) << name;
  }
  EXPECT_THROW(metrics.gauge("g_total", ""), std::invalid_argument);
  EXPECT_THROW(metrics.histogram("latency", ""), std::invalid_argument) << "its unit is missing";
  EXPECT_THROW(metrics.histogram("h_seconds", "", {}, {}), std::invalid_argument);
  EXPECT_THROW(metrics.histogram("h_seconds", "", {}, {1, 1}), std::invalid_argument);
  for (const auto* label : {"", "le", "__name", "a-b", "1a"}) {
    EXPECT_THROW(metrics.counter("a_total", "", {{label, "x"}}), std::invalid_argument) << label;
  }
  metrics.counter("twice_total", "");
  EXPECT_THROW(metrics.counter_from("twice", "", {}, [] { return 0; }), std::invalid_argument);
  metrics.histogram("b_seconds", "", {}, {1});
  EXPECT_THROW(metrics.histogram("b_seconds", "", {}, {2}), std::invalid_argument) << "other buckets";
  metrics.gauge("b_bytes", "");
  EXPECT_THROW(metrics.histogram("b_bytes", ""), std::invalid_argument) << "another kind";
}

TEST(Metrics, GatherTooManyLabelsUnderOther) {
  Registry metrics(1);
  for (std::size_t i = 0; i < most_series + 50; ++i) {
    metrics.counter("c_total", "", {{"id", std::to_string(i)}}).add();
  }
  const std::string text = metrics.to_prometheus();
  EXPECT_THAT(text, HasSubstr("c_total{id=\"other\"} 50\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(most_series + 1 + 2));
}

TEST(Metrics, CountNothingWithoutARegistry) {
  Counter().add();
  Counter().on(3).add();
  Gauge().set(1);
  Gauge().on(3).set(1);
  Histogram().observe(1);
  Histogram().on(3).observe(1);
}

TEST(Metrics, HaveLatencyBucketsFromMicrosecondsToSeconds) {
  const Buckets buckets = latency_buckets();
  EXPECT_DOUBLE_EQ(buckets.front(), 1e-5);
  EXPECT_DOUBLE_EQ(buckets.back(), 10);
  EXPECT_EQ(buckets.size(), 19u);
  Registry metrics(1);
  metrics.histogram("h_seconds", "");
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("{le=\"2.5e-05\"}"));
}

TEST(Metrics, TellWhatTheProcessUses) {
  const ProcessUsage usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 100'000u);
  EXPECT_GE(usage.open_descriptors, 3u);
  EXPECT_GE(usage.threads, 1u);
  Registry metrics(1);
  add_process_metrics(metrics);
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("# TYPE process_cpu_seconds_total counter"));
  EXPECT_THAT(metrics.to_prometheus(), HasSubstr("process_resident_memory_bytes "));
}

}  // namespace
}  // namespace troupe::observe
