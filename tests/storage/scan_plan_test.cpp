#include <troupe/storage/sqlite/detail/scan.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using Type = IndexDeclaration::Type;
using ::testing::ElementsAre;

/// How SQLite answers a scan, step by step.
std::vector<std::string> plan_of(const std::filesystem::path& file, const Scan& scan,
                                 const std::vector<IndexDeclaration>& indexes) {
  sqlite::Connection connection(file, sqlite::Connection::Mode::read_only);
  auto explained = connection.prepare("EXPLAIN QUERY PLAN " + sqlite::sql_of(scan, indexes));
  std::vector<std::string> steps;
  while (explained.step()) steps.emplace_back(explained.bytes(3));
  return steps;
}

TEST(ScanPlan, BeginsWhereThePageGoesOnAndSortsNothing) {
  const std::vector<IndexDeclaration> indexes{{"size", Type::integer}, {"name", Type::text}};
  Opened store(thing(indexes));
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "1")), StoreStatus::done);
  const std::string entity = "SEARCH e USING PRIMARY KEY (key=?)";
  for (const auto direction : {Direction::ascending, Direction::descending}) {
    const std::string beyond = direction == Direction::ascending ? ">" : "<";
    const std::string resumed = "SEARCH o USING PRIMARY KEY ((value,key)" + beyond + "(?,?))";
    Scan scan;
    scan.by = 0;
    scan.direction = direction;
    EXPECT_THAT(plan_of(store.file(), scan, indexes), ElementsAre("SCAN o", entity));
    scan.after = id_key(1);
    scan.after_value = IndexValue(std::int64_t{1});
    EXPECT_THAT(plan_of(store.file(), scan, indexes), ElementsAre(resumed, entity));
    scan.index = 1;
    scan.contains = "x";
    EXPECT_THAT(plan_of(store.file(), scan, indexes),
                ElementsAre(resumed, "SEARCH c USING COVERING INDEX by_name.key (key=?)", entity));
    scan.contains.reset();
    scan.equals = IndexValue("x");
    EXPECT_THAT(plan_of(store.file(), scan, indexes),
                ElementsAre(resumed, "SEARCH c USING PRIMARY KEY (value=? AND key=?)", entity));
    scan.index.reset();
    scan.equals.reset();
    scan.at_most = IndexValue(std::int64_t{5});
    const std::string within =
        direction == Direction::ascending ? "SEARCH o USING PRIMARY KEY ((value,key)>(?,?) AND value<?)" : resumed;
    EXPECT_THAT(plan_of(store.file(), scan, indexes), ElementsAre(within, entity));
  }
}

}  // namespace
}  // namespace troupe::storage::test
