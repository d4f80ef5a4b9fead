// Listings in the order of an index: page by page, in both directions, wherever the rows lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include <troupe/testing/equivalence.hpp>
#include <troupe/testing/world.hpp>

namespace troupe::testing::listings {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace account {

struct Api;
using AccountId = Id<"account", Api>;

enum class Tier : std::uint8_t { free, paid, staff };

struct State {
  std::int64_t balance = 0;
  std::string name;
  Tier tier = Tier::free;
  std::optional<Time> due;
};
struct Open {
  using Is = Idempotent<>;
  std::int64_t balance = 0;
  std::string name;
  Tier tier = Tier::free;
  std::optional<Time> due;
};
struct View {
  AccountId id;
  State account;
};

enum class By : std::uint8_t { key, balance, name, tier, due, debt };
struct List {
  using Is = Listing<Page<View>>;
  std::uint32_t limit = 2;
  std::optional<Cursor> cursor;
  std::optional<By> by;
  std::optional<Direction> direction;
  std::optional<Tier> tier;
};
struct Api : Protocol<"account", Open, List> {};

using Declared = Indexes<Index<"balance", &State::balance>, Index<"name", &State::name>, Index<"tier", &State::tier>,
                         Index<"due", &State::due>>;

class Account : public Entity<Api, State, Declared> {
 public:
  Task<Done> on(Open m) {
    edit() = {m.balance, std::move(m.name), m.tier, m.due};
    co_return Done{};
  }
  static Page<View> on(List m, const Rows& rows) {
    const Rows chosen = m.tier ? rows.where<"tier">(*m.tier) : rows;
    const auto direction = m.direction.value_or(Direction::ascending);
    const auto page = [&m](const auto& listed) {
      return listed.page(m.limit, m.cursor, [](const Key& key, const State& state) { return View{{key.id()}, state}; });
    };
    switch (m.by.value_or(By::key)) {
      case By::key:
        return page(chosen);
      case By::balance:
        return page(chosen.by<"balance">(direction));
      case By::name:
        return page(chosen.by<"name">(direction));
      case By::tier:
        return page(chosen.by<"tier">(direction));
      case By::due:
        return page(chosen.by<"due">(direction));
      case By::debt:
        return page(chosen.up_to<"balance">(std::int64_t{-1}));
    }
    throw std::logic_error("no such order");
  }
};

struct Declaration {
  using Entities = troupe::Entities<Account>;
  static void routes(gateway::Routes& r) {
    r.put<Api, Open>("/accounts/{id}").says("Opens an account");
    r.get<Api, List>("/accounts").says("Lists accounts");
  }
};

AccountId id(std::uint64_t number) { return {{7, number}}; }

/// With values that several have, and accounts without a time that they are due at.
std::vector<Open> all() {
  const Time noon{};
  return {{5, "b", Tier::paid, noon + 2s}, {-3, "Ä", Tier::free, std::nullopt}, {5, "a", Tier::staff, noon + 1s},
          {0, "", Tier::paid, noon + 2s},  {5, "b", Tier::free, std::nullopt},  {-3, "B", Tier::paid, noon - 1s},
          {9, "aa", Tier::free, noon}};
}

}  // namespace account

using namespace account;

struct Accounts : ::testing::Test {
  Accounts() {
    world.add<Declaration>().start();
    std::uint64_t number = 0;
    for (const Open& open : all()) EXPECT_TRUE((world.ask<Api, Open>(Key(id(++number)), open).ok()));
  }

  Outcome<Page<View>> list(List m) { return world.ask_all<Api, List>(std::move(m)); }
  /// The numbers of all accounts that are listed, page by page.
  std::vector<std::uint64_t> numbers(List m) {
    std::vector<std::uint64_t> found;
    do {
      const auto page = list(m);
      EXPECT_TRUE(page.ok()) << page.failure().detail;
      if (!page.ok()) break;
      EXPECT_LE(page->items.size(), m.limit);
      for (const View& view : page->items) found.push_back(view.id.value.low);
      m.cursor = page->next_cursor;
    } while (m.cursor);
    return found;
  }

  World world;
};

constexpr auto up = Direction::ascending;
constexpr auto down = Direction::descending;

TEST_F(Accounts, AreListedByEachKindOfValueInBothDirections) {
  for (const std::uint32_t limit : {1, 2, 3, 100}) {
    EXPECT_THAT(numbers({limit, {}, By::key, up, {}}), ElementsAre(7, 6, 5, 4, 3, 2, 1));
    EXPECT_THAT(numbers({limit, {}, By::balance, up, {}}), ElementsAre(2, 6, 4, 1, 3, 5, 7));
    EXPECT_THAT(numbers({limit, {}, By::balance, down, {}}), ElementsAre(7, 5, 3, 1, 4, 6, 2));
    EXPECT_THAT(numbers({limit, {}, By::name, up, {}}), ElementsAre(4, 6, 3, 7, 1, 5, 2)) << "text goes bytewise";
    EXPECT_THAT(numbers({limit, {}, By::name, down, {}}), ElementsAre(2, 5, 1, 7, 3, 6, 4));
    EXPECT_THAT(numbers({limit, {}, By::tier, up, {}}), ElementsAre(2, 5, 7, 1, 4, 6, 3)) << "as they are declared";
    EXPECT_THAT(numbers({limit, {}, By::due, up, {}}), ElementsAre(6, 7, 3, 1, 4)) << "without a value: not listed";
    EXPECT_THAT(numbers({limit, {}, By::due, down, {}}), ElementsAre(4, 1, 3, 7, 6));
    EXPECT_THAT(numbers({limit, {}, By::debt, up, {}}), ElementsAre(2, 6));
  }
}

TEST_F(Accounts, OfOneTierAreListedByBalance) {
  EXPECT_THAT(numbers({1, {}, By::balance, up, Tier::free}), ElementsAre(2, 5, 7));
  EXPECT_THAT(numbers({2, {}, By::balance, down, Tier::paid}), ElementsAre(1, 4, 6));
  EXPECT_THAT(numbers({2, {}, By::tier, down, Tier::paid}), ElementsAre(6, 4, 1));
  EXPECT_THAT(numbers({2, {}, By::debt, up, Tier::paid}), ElementsAre(6));
}

TEST_F(Accounts, GoOnWhereTheCursorStandsThoughItsAccountHasMoved) {
  const auto first = list({3, {}, By::balance, up, {}});
  ASSERT_EQ(first->items.back().id, id(4));
  ASSERT_TRUE(
      (world.ask<Api, Open>(Key(id(4)), std::int64_t{100}, std::string("rich"), Tier::paid, std::nullopt).ok()));
  EXPECT_THAT(numbers({3, first->next_cursor, By::balance, up, {}}), ElementsAre(1, 3, 5, 7, 4));
}

TEST_F(Accounts, RefuseACursorOfAnotherOrder) {
  const std::vector<std::tuple<By, Direction>> orders{{By::key, down}, {By::balance, up}, {By::balance, down},
                                                      {By::name, up},  {By::due, up},     {By::due, down}};
  for (const auto& [by, direction] : orders) {
    const auto page = list({1, {}, by, direction, {}});
    for (const auto& [other, other_direction] : orders) {
      const auto next = list({1, page->next_cursor, other, other_direction, {}});
      if (by == other && direction == other_direction) {
        EXPECT_TRUE(next.ok());
        continue;
      }
      ASSERT_TRUE(next.rejected("invalid"));
      EXPECT_THAT(next.failure().faults, ElementsAre(Fault{"/cursor", "must be of a page in the same order"}));
    }
  }
  EXPECT_THAT(world.reports(), ElementsAre()) << "nobody's mistake but the client's";
}

TEST_F(Accounts, TellAClientThatItsCursorIsOfAnotherOrder) {
  const auto page = list({1, {}, By::balance, up, {}});
  const std::string cursor = "cursor=" + to_text(*page->next_cursor);
  EXPECT_EQ(world.http("GET", "/accounts?by=balance&" + cursor).status, 200);
  const auto refused = world.http("GET", "/accounts?by=name&" + cursor);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr(R"({"pointer":"?cursor","detail":"must be of a page in the same order"})"));
}

TEST(Listings, ByAnIndexAreTheSameInEveryPlacement) {
  node::Application application("accounts", "test");
  application.add<Declaration>();
  Equivalence accounts(application, {{"accounts by each order, page by page", [](ScenarioDriver& driver) {
                                        std::uint64_t number = 0;
                                        for (const Open& open : all()) {
                                          driver.put("/accounts/" + to_text(id(++number)), wire::to_json(open));
                                        }
                                        for (const auto* order : {"balance", "name", "tier", "due", "key"}) {
                                          for (const auto* direction : {"ascending", "descending"}) {
                                            const std::string listing =
                                                std::string("/accounts?by=") + order + "&direction=" + direction;
                                            std::string cursor;
                                            do {
                                              const auto page = driver.get(listing + cursor).as<Page<View>>();
                                              cursor.clear();
                                              if (page.next_cursor) cursor = "&cursor=" + to_text(*page.next_cursor);
                                            } while (!cursor.empty());
                                          }
                                        }
                                      }}});
  EXPECT_EQ(accounts.differences(seeds(2)), "");
}

}  // namespace
}  // namespace troupe::testing::listings
