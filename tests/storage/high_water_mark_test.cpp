#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

TEST(HighWaterMark, AnswersALoadOfANewerIdAtOnce) {
  Opened store;
  ASSERT_EQ(run(*store, *put(id_key(5), 0, "1")), StoreStatus::done);
  auto& workers = store.use_manual_workers();
  Load load;
  load.key = id_key(6);
  load.state.version = 7;
  store->load(load);
  ASSERT_TRUE(load.is_done()) << "without a worker";
  EXPECT_EQ(load.status, StoreStatus::done);
  EXPECT_EQ(load.state.version, 0U);
  workers.run();
}

TEST(HighWaterMark, LooksForAnIdThatMayHaveARow) {
  Opened store;
  ASSERT_EQ(run(*store, *put(id_key(5), 0, "1")), StoreStatus::done);
  auto& workers = store.use_manual_workers();
  Load same;
  same.key = id_key(5);
  Load older;
  older.key = id_key(4);
  store->load(same);
  store->load(older);
  EXPECT_FALSE(same.is_done());
  EXPECT_FALSE(older.is_done());
  workers.run();
  EXPECT_EQ(same.state.version, 1U);
  EXPECT_EQ(older.state.version, 0U);
}

TEST(HighWaterMark, CountsACommitThatIsOnlyQueued) {
  Opened store;
  auto& workers = store.use_manual_workers();
  auto commit = put(id_key(8), 0, "1");
  store->commit(*commit);
  Load load;
  load.key = id_key(8);
  store->load(load);
  EXPECT_FALSE(load.is_done());
  workers.run();
  EXPECT_EQ(load.state.version, 1U);
}

TEST(HighWaterMark, LooksForTextsAndOperations) {
  Opened store;
  auto& workers = store.use_manual_workers();
  Load text;
  text.key = Key("a");
  Load operation;
  operation.key = id_key(9);
  operation.operation = uuid(1);
  store->load(text);
  store->load(operation);
  EXPECT_FALSE(text.is_done());
  EXPECT_FALSE(operation.is_done());
  workers.run();
}

TEST(HighWaterMark, AnswersNothingOnceTheStoreIsClosed) {
  Opened store;
  store->close();
  Load load;
  load.key = id_key(6);
  store->load(load);
  load.wait();
  EXPECT_EQ(load.status, StoreStatus::unavailable);
}

RC_GTEST_PROP(HighWaterMark, NeverHidesARow, ()) {
  Opened store;
  std::map<std::uint64_t, std::uint64_t> versions;
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint64_t>>>(
      rc::gen::pair(rc::gen::inRange<std::uint8_t>(0, 12), rc::gen::inRange<std::uint64_t>(1, 40)));
  for (const auto& [what, number] : steps) {
    if (what == 0) {
      store.reopen();
    } else if (what < 6) {
      auto& version = versions[number];
      RC_ASSERT(run(*store, *put(id_key(number), version, "1")) == StoreStatus::done);
      ++version;
    } else {
      const auto known = versions.find(number);
      RC_ASSERT(load(*store, id_key(number)).version == (known == versions.end() ? 0 : known->second));
    }
  }
}

}  // namespace
}  // namespace troupe::storage::test
