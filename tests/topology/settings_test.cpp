#include <troupe/topology/settings.hpp>

#include <troupe/topology/loader.hpp>
#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace troupe::topology {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

enum class Tariff { flat, by_weight };

struct Carrier {
  std::string name;
  std::uint32_t price = 0;

  static void check(Checker<Carrier>& c) { c.field(&Carrier::price).range(0, 1000); }
};

struct Settings {
  Duration unpaid_after = 15min;
  std::optional<Duration> sweep_every;
  std::uint8_t retries = 3;
  double rate = 0.5;
  bool strict = true;
  std::string greeting = "hello";
  Tariff tariff = Tariff::flat;
  Carrier carrier{"post", 5};
  std::vector<Carrier> carriers;
  std::map<std::string, std::int64_t> stock;

  static void check(Checker<Settings>& c) {
    c.field(&Settings::unpaid_after).range(1s, 24h);
    c.field(&Settings::greeting).length(1, 5);
  }
};

SettingsTable table_of(std::string_view text) {
  const std::string file =
      "name = \"t\"\n[nodes.main]\nhosts = [\"user\", \"product\", \"order\"]\n[settings.order]\n" + std::string(text);
  auto parsed = parse(file, "t.toml", shop_catalog(), environment({{"N", "7"}}));
  for (const TopologyFault& fault : parsed.faults) ADD_FAILURE() << to_string(fault);
  return parsed.value.value_or(Topology{}).settings_of("order");
}

std::vector<std::string> settings_faults(std::string_view text) {
  std::vector<std::string> list;
  for (const TopologyFault& fault : bind<Settings>(table_of(text)).faults) list.push_back(to_string(fault));
  return list;
}

TEST(Settings, KeepTheirDefaultsWhereTheFileIsSilent) {
  const auto bound = bind<Settings>(monolith(shop_catalog()).settings_of("order"));
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound.value->unpaid_after, 15min);
  EXPECT_EQ(bound.value->carrier.name, "post");
  EXPECT_EQ(bound.value->sweep_every, std::nullopt);
}

TEST(Settings, AreReadFromTheFile) {
  const auto bound = bind<Settings>(table_of(R"(
unpaid_after = "90m"
sweep_every = "250ms"
retries = "${N}"
rate = 1
strict = false
greeting = "hi"
tariff = "by_weight"
carrier = { price = 9 }
carriers = [{ name = "a" }, { name = "b", price = 2 }]
stock = { "x y" = -4 }
)"));
  ASSERT_TRUE(bound) << to_string(bound.faults.at(0));
  const Settings& settings = *bound.value;
  EXPECT_EQ(settings.unpaid_after, 90min);
  EXPECT_EQ(settings.sweep_every, 250ms);
  EXPECT_EQ(settings.retries, 7);
  EXPECT_EQ(settings.rate, 1.0);
  EXPECT_FALSE(settings.strict);
  EXPECT_EQ(settings.greeting, "hi");
  EXPECT_EQ(settings.tariff, Tariff::by_weight);
  EXPECT_EQ(settings.carrier.name, "post") << "a nested key that is left out keeps its default too";
  EXPECT_EQ(settings.carrier.price, 9u);
  ASSERT_EQ(settings.carriers.size(), 2u);
  EXPECT_EQ(settings.carriers[1].price, 2u);
  EXPECT_EQ(settings.stock.at("x y"), -4);
}

TEST(Settings, NameEveryFaultWithItsPlace) {
  EXPECT_THAT(
      settings_faults(R"(unpaid_aftr = "15m"
sweep_every = 15
retries = 256
rate = "fast"
strict = 1
greeting = true
tariff = "flatt"
carrier = { prize = 9 }
carriers = [{ name = 1 }]
stock = { x = "many" }
)"),
      ElementsAre("t.toml:5:1: unknown key `unpaid_aftr` in [settings.order]; did you mean `unpaid_after`?",
                  "t.toml:6:15: `sweep_every` in [settings.order] is no duration: a whole number; write a "
                  "duration such as \"250ms\", \"10s\" or \"15m\"",
                  "t.toml:7:11: `retries` in [settings.order] is 256; it must be a whole number from 0 to 255",
                  "t.toml:8:8: `rate` in [settings.order] must be a number, not a string; see the domain's "
                  "settings",
                  "t.toml:9:10: `strict` in [settings.order] must be true or false, not a whole number; see the "
                  "domain's settings",
                  "t.toml:10:12: `greeting` in [settings.order] must be a string, not true or false; see the "
                  "domain's settings",
                  "t.toml:11:10: `tariff` in [settings.order] is `flatt`, which it cannot be; did you mean "
                  "`flat`?",
                  "t.toml:12:13: unknown key `prize` in [settings.order.carrier]; did you mean `price`?",
                  "t.toml:13:22: `name` in [settings.order.carriers] must be a string, not a whole number; see "
                  "the domain's settings",
                  "t.toml:14:15: `x` in [settings.order.stock] must be a whole number, not a string; see the "
                  "domain's settings"));
}

TEST(Settings, KeepToTheRulesOfTheirAggregate) {
  EXPECT_THAT(
      settings_faults(R"(unpaid_after = "0s"
greeting = "good day"
carrier = { price = 1001 }
carriers = [{ price = 1 }, { price = 1002 }]
)"),
      ElementsAre("t.toml:5:16: `unpaid_after` in [settings.order] has a value that is not allowed; it must be "
                  "from 1s to 1d",
                  "t.toml:6:12: `greeting` in [settings.order] has a value that is not allowed; it must have 1 "
                  "to 5 characters",
                  "t.toml:7:21: `carrier/price` in [settings.order] has a value that is not allowed; it must be "
                  "from 0 to 1000",
                  "t.toml:8:38: `carriers/1/price` in [settings.order] has a value that is not allowed; it must "
                  "be from 0 to 1000"));
}

TEST(Settings, DoNotTakeATextForANumberUnlessTheEnvironmentWroteIt) {
  EXPECT_THAT(settings_faults("retries = \"7\"\n"),
              ElementsAre("t.toml:5:11: `retries` in [settings.order] must be a whole number, not a string; see the "
                          "domain's settings"));
}

}  // namespace
}  // namespace troupe::topology
