#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using Type = IndexDeclaration::Type;
using ::testing::ElementsAre;

IndexValue number(std::int64_t value) { return value; }
IndexValue text(std::string value) { return value; }

/// Things 1 to 6 with a size (index 0, none for thing 6) and a name (index 1).
class ScanOfThings : public ::testing::Test {
 protected:
  ScanOfThings() {
    add(1, 10, "red apple");
    add(2, 30, "green apple");
    add(3, 10, "Äpfel");
    add(4, 20, "pear");
    add(5, 10, "red pear");
    add(6, std::nullopt, "no_size 100%");
  }

  void add(std::uint64_t id, std::optional<std::int64_t> size, const std::string& name) {
    auto commit = put(id_key(id), 0, "body " + std::to_string(id));
    commit->indexes = {{1, std::nullopt, text(name)}};
    if (size) commit->indexes.push_back({0, std::nullopt, number(*size)});
    ASSERT_EQ(run(*store_, *commit), StoreStatus::done) << commit->detail;
  }

  std::vector<std::uint64_t> ids(const Scan& scan, std::size_t limit = SIZE_MAX) {
    std::vector<std::uint64_t> found;
    for (const auto& key : scan_keys(*store_, scan, limit)) found.push_back(key.id().low);
    return found;
  }

  Opened store_{thing({{"size", Type::integer}, {"name", Type::text}})};
};

TEST_F(ScanOfThings, GivesAllRowsByKeyInBothOrders) {
  EXPECT_THAT(ids({}), ElementsAre(6, 5, 4, 3, 2, 1));
  Scan scan;
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(1, 2, 3, 4, 5, 6));
  scan.after = id_key(4);
  EXPECT_THAT(ids(scan), ElementsAre(5, 6));
}

TEST_F(ScanOfThings, GivesBodiesAndLayouts) {
  std::vector<std::string> bodies;
  Query query([&](Snapshot& snapshot) {
    snapshot.scan({}, [&](const ScannedRow& row) {
      bodies.push_back(std::string(row.body) + " " + std::to_string(row.layout));
      return bodies.size() < 2;
    });
  });
  store_->query(query);
  query.wait();
  EXPECT_EQ(query.status, StoreStatus::done);
  EXPECT_THAT(bodies, ElementsAre("body 6 1", "body 5 1"));
}

TEST_F(ScanOfThings, FindsRowsOfAValuePageByPage) {
  Scan scan;
  scan.index = 0;
  scan.equals = number(10);
  EXPECT_THAT(ids(scan), ElementsAre(5, 3, 1));
  EXPECT_THAT(ids(scan, 2), ElementsAre(5, 3));
  scan.after = id_key(3);
  EXPECT_THAT(ids(scan), ElementsAre(1));
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(5));
  scan.equals = number(11);
  EXPECT_THAT(ids(scan), ElementsAre());
}

TEST_F(ScanOfThings, FindsRowsThatContainATextBytewise) {
  Scan scan;
  scan.index = 1;
  scan.contains = "apple";
  EXPECT_THAT(ids(scan), ElementsAre(2, 1));
  scan.contains = "Apple";
  EXPECT_THAT(ids(scan), ElementsAre());
  scan.contains = "Äpf";
  EXPECT_THAT(ids(scan), ElementsAre(3));
  scan.contains = "%";
  EXPECT_THAT(ids(scan), ElementsAre(6));
  scan.contains = "_";
  EXPECT_THAT(ids(scan), ElementsAre(6));
  scan.contains = "e";
  EXPECT_THAT(ids(scan, 2), ElementsAre(6, 5));
  scan.after = id_key(5);
  EXPECT_THAT(ids(scan, 2), ElementsAre(4, 3));
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(6));
}

TEST_F(ScanOfThings, FindsRowsUpToAValueByValueThenKey) {
  Scan scan;
  scan.by = 0;
  scan.at_most = number(20);
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(1, 3, 5, 4));
  scan.direction = Direction::descending;
  EXPECT_THAT(ids(scan), ElementsAre(4, 5, 3, 1));
}

TEST_F(ScanOfThings, GivesRowsByValueThenKeyInBothDirections) {
  Scan scan;
  scan.by = 0;
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(1, 3, 5, 4, 2)) << "thing 6 has no size";
  scan.direction = Direction::descending;
  EXPECT_THAT(ids(scan), ElementsAre(2, 4, 5, 3, 1));
  scan.by = 1;
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(2, 6, 4, 1, 5, 3)) << "bytewise";
}

TEST_F(ScanOfThings, GoesOnAfterAValueAndAKey) {
  Scan scan;
  scan.by = 0;
  scan.direction = Direction::ascending;
  scan.after = id_key(3);
  scan.after_value = number(10);
  EXPECT_THAT(ids(scan), ElementsAre(5, 4, 2));
  scan.at_most = number(20);
  EXPECT_THAT(ids(scan), ElementsAre(5, 4));
  scan.direction = Direction::descending;
  EXPECT_THAT(ids(scan), ElementsAre(1));
  scan.after = id_key(2);
  scan.after_value = number(30);
  EXPECT_THAT(ids(scan), ElementsAre(4, 5, 3, 1)) << "the row lies beyond what is wanted at all";
  scan.after = id_key(9);
  scan.after_value = number(11);
  EXPECT_THAT(ids(scan), ElementsAre(5, 3, 1)) << "a row need not be there any more";
}

TEST_F(ScanOfThings, GivesRowsOfAConditionByAnotherValue) {
  Scan scan;
  scan.index = 0;
  scan.equals = number(10);
  scan.by = 1;
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(1, 5, 3));
  scan.after = id_key(1);
  scan.after_value = text("red apple");
  EXPECT_THAT(ids(scan), ElementsAre(5, 3));
  scan = {};
  scan.index = 1;
  scan.contains = "e";
  scan.by = 0;
  scan.direction = Direction::ascending;
  EXPECT_THAT(ids(scan), ElementsAre(1, 3, 5, 4, 2));
  scan.contains = "red";
  EXPECT_THAT(ids(scan), ElementsAre(1, 5));
  scan.by = 1;
  EXPECT_THAT(ids(scan), ElementsAre(1, 5)) << "of one index both";
}

TEST_F(ScanOfThings, TellsTheValueThatItGoesBy) {
  std::vector<IndexValue> values;
  Query query([&](Snapshot& snapshot) {
    for (const std::uint16_t index : {0, 1}) {
      Scan scan;
      scan.by = index;
      snapshot.scan(scan, [&](const ScannedRow& row) {
        values.push_back(row.value.value());
        return false;
      });
    }
    snapshot.scan({}, [&](const ScannedRow& row) {
      EXPECT_FALSE(row.value);
      return false;
    });
  });
  store_->query(query);
  query.wait();
  EXPECT_THAT(values, ElementsAre(number(30), text("Äpfel")));
}

TEST_F(ScanOfThings, FollowsChangesOfValues) {
  auto change = put(id_key(1), 1, "1");
  change->indexes = {{0, number(10), number(20)}, {1, text("red apple"), std::nullopt}};
  ASSERT_EQ(run(*store_, *change), StoreStatus::done);
  auto unchanged = put(id_key(3), 1, "3");
  unchanged->indexes = {{0, number(10), number(10)}};
  ASSERT_EQ(run(*store_, *unchanged), StoreStatus::done);
  Scan by_size;
  by_size.index = 0;
  by_size.equals = number(20);
  EXPECT_THAT(ids(by_size), ElementsAre(4, 1));
  by_size.equals = number(10);
  EXPECT_THAT(ids(by_size), ElementsAre(5, 3));
  Scan by_name;
  by_name.index = 1;
  by_name.contains = "red";
  EXPECT_THAT(ids(by_name), ElementsAre(5));
}

TEST_F(ScanOfThings, LeavesOutErasedRows) {
  ASSERT_EQ(run(*store_, *erase(id_key(5), 1)), StoreStatus::done);
  EXPECT_THAT(ids({}), ElementsAre(6, 4, 3, 2, 1));
  Scan scan;
  scan.index = 0;
  scan.equals = number(10);
  EXPECT_THAT(ids(scan), ElementsAre(3, 1)) << "also where the index still has it";
}

TEST_F(ScanOfThings, MayScanInsideAVisit) {
  std::vector<std::uint64_t> seen;
  Query query([&](Snapshot& snapshot) {
    snapshot.scan({}, [&](const ScannedRow& outer) {
      snapshot.scan({}, [&](const ScannedRow& inner) {
        seen.push_back(outer.key.id().low * 10 + inner.key.id().low);
        return false;
      });
      return seen.size() < 3;
    });
  });
  store_->query(query);
  query.wait();
  EXPECT_THAT(seen, ElementsAre(66, 56, 46));
}

TEST_F(ScanOfThings, TurnsAnExceptionOfTheReaderIntoCorrupt) {
  Query query([](Snapshot& snapshot) {
    snapshot.scan({}, [](const ScannedRow&) -> bool { throw std::runtime_error("the body of thing 6 has no name"); });
  });
  store_->query(query);
  query.wait();
  EXPECT_EQ(query.status, StoreStatus::corrupt);
  EXPECT_EQ(query.detail, "the body of thing 6 has no name");
  EXPECT_EQ(ids({}).size(), 6u) << "the next query works";
}

TEST_F(ScanOfThings, SaysWhichScansNoIndexCanAnswer) {
  const auto fault_of = [this](const Scan& scan) {
    Query query([&](Snapshot& snapshot) { snapshot.scan(scan, [](auto&&...) { return true; }); });
    store_->query(query);
    query.wait();
    EXPECT_EQ(query.status, StoreStatus::corrupt);
    return query.detail;
  };
  Scan scan;
  scan.equals = number(1);
  EXPECT_EQ(fault_of(scan), "a scan with a condition names no index");
  scan.index = 9;
  EXPECT_EQ(fault_of(scan), "index 9 is not declared");
  scan.index = 1;
  EXPECT_EQ(fault_of(scan), "a scan's value is not of the type of index name");
  scan.equals = text("x");
  scan.contains = "x";
  EXPECT_EQ(fault_of(scan), "a scan of index name has more than one condition");
  scan = {};
  scan.index = 0;
  EXPECT_EQ(fault_of(scan), "a scan has no condition for index size");
  scan.contains = "x";
  EXPECT_EQ(fault_of(scan), "index size is not text: a scan can't look for a part of it");
  scan = {};
  scan.at_most = number(1);
  EXPECT_EQ(fault_of(scan), "a scan by key has a value to begin or end with");
  scan.by = 9;
  EXPECT_EQ(fault_of(scan), "index 9 is not declared");
  scan.by = 1;
  EXPECT_EQ(fault_of(scan), "a scan's value is not of the type of index name");
  scan = {};
  scan.by = 0;
  scan.after = id_key(1);
  EXPECT_EQ(fault_of(scan), "a scan by index size goes on after a value and a key");
  scan.after_value = text("x");
  EXPECT_EQ(fault_of(scan), "a scan's value is not of the type of index size");
}

}  // namespace
}  // namespace troupe::storage::test
