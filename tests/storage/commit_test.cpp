#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

TEST(Commit, WritesWhatALoadReadsAfterwards) {
  Opened store;
  auto commit = put(id_key(1), 0, R"({"name":"Ärmel"})");
  commit->layout = 3;
  commit->tables = {{0, "b", "2"}, {0, "a", "1"}, {1, "a", "3"}};
  ASSERT_EQ(run(*store, *commit), StoreStatus::done) << commit->detail;

  const auto state = load(*store, id_key(1));
  EXPECT_EQ(state.version, 1u);
  EXPECT_EQ(state.layout, 3u);
  EXPECT_EQ(state.body, R"({"name":"Ärmel"})");
  ASSERT_EQ(state.rows.size(), 3u);
  EXPECT_EQ(state.rows[0].item, "a");
  EXPECT_EQ(state.rows[1].item, "b");
  EXPECT_EQ(state.rows[1].body, "2");
  EXPECT_EQ(state.rows[2].table, 1u);
}

TEST(Commit, KeepsEverythingAcrossReopening) {
  Opened store;
  ASSERT_EQ(run(*store, *put(Key("{u-7}/x"), 0, "1")), StoreStatus::done);
  ASSERT_EQ(run(*store, *put(Key("{u-7}/x"), 1, "2")), StoreStatus::done);
  store.reopen();
  EXPECT_EQ(load(*store, Key("{u-7}/x")).version, 2u);
  EXPECT_EQ(load(*store, Key("{u-7}/x")).body, "2");
}

TEST(Commit, LoadsAnUnwrittenEntityAsVersionZero) {
  Opened store;
  const auto state = load(*store, id_key(9));
  EXPECT_EQ(state.version, 0u);
  EXPECT_FALSE(state.body);
  EXPECT_TRUE(state.rows.empty());
}

TEST(Commit, IsFencedByAnotherVersion) {
  Opened store;
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "1")), StoreStatus::done);
  EXPECT_EQ(run(*store, *put(id_key(1), 0, "x")), StoreStatus::fenced);
  EXPECT_EQ(run(*store, *put(id_key(1), 2, "x")), StoreStatus::fenced);
  EXPECT_EQ(run(*store, *put(id_key(2), 1, "x")), StoreStatus::fenced);
  EXPECT_EQ(load(*store, id_key(1)).body, "1");
  EXPECT_EQ(load(*store, id_key(2)).version, 0u);
  EXPECT_EQ(store->trouble(), "");
}

TEST(Commit, ThatIsFencedWritesNothingOfIt) {
  Opened store(thing({{"size", IndexDeclaration::Type::integer}}));
  auto commit = put(id_key(1), 7, "x");
  commit->tables = {{0, "a", "1"}};
  commit->indexes = {{0, std::nullopt, IndexValue(std::int64_t{5})}};
  commit->sends = {send_row(1)};
  commit->inbox = {{uuid(1), "null", Time{}}};
  ASSERT_EQ(run(*store, *commit), StoreStatus::fenced);
  EXPECT_FALSE(find_operation(*store, id_key(1), uuid(1)));
  store.close();
  for (const char* table : {"entity", "table_row", "inbox", "outbox", "by_size"}) {
    EXPECT_EQ(sql(store.file(), std::string("SELECT count(*) FROM ") + table), "0") << table;
  }
}

TEST(Commit, RaisesTheVersionOfAnUntouchedState) {
  Opened store;
  Commit first;
  first.key = id_key(1);
  ASSERT_EQ(run(*store, first), StoreStatus::done);
  EXPECT_EQ(load(*store, id_key(1)).version, 1u);
  EXPECT_FALSE(load(*store, id_key(1)).body);
  ASSERT_EQ(run(*store, *put(id_key(1), 1, "1")), StoreStatus::done);
  Commit later;
  later.key = id_key(1);
  later.expected_version = 2;
  later.layout = 5;
  ASSERT_EQ(run(*store, later), StoreStatus::done);
  EXPECT_EQ(load(*store, id_key(1)).version, 3u);
  EXPECT_EQ(load(*store, id_key(1)).body, "1");
  EXPECT_EQ(load(*store, id_key(1)).layout, 1u) << "the body is still of its own layout";
}

TEST(Commit, ErasesTheWholeRow) {
  Opened store;
  auto first = put(id_key(1), 0, "1");
  first->tables = {{0, "a", "1"}};
  ASSERT_EQ(run(*store, *first), StoreStatus::done);
  const auto erasing = erase(id_key(1), 1);
  ASSERT_EQ(run(*store, *erasing), StoreStatus::done);
  const auto state = load(*store, id_key(1));
  EXPECT_TRUE(erasing->row_is_gone);
  EXPECT_EQ(state.version, 0u);
  EXPECT_FALSE(state.body);
  EXPECT_TRUE(state.rows.empty());
  EXPECT_EQ(sql(store.file(), "SELECT (SELECT count(*) FROM entity) + (SELECT count(*) FROM table_row)"), "0");
  EXPECT_EQ(run(*store, *put(id_key(1), 2, "by an outdated owner")), StoreStatus::fenced);
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "again")), StoreStatus::done);
  EXPECT_TRUE(load(*store, id_key(1)).rows.empty());
}

TEST(Commit, ErasesWhatWasNeverWritten) {
  Opened store;
  const auto erasing = erase(id_key(1), 0);
  ASSERT_EQ(run(*store, *erasing), StoreStatus::done);
  EXPECT_TRUE(erasing->row_is_gone);
  EXPECT_EQ(sql(store.file(), "SELECT count(*) FROM entity"), "0");
}

TEST(Commit, KeepsTheVersionOfAnErasedEntityWhoseSendsAreStillOnTheirWay) {
  Opened store;
  auto first = put(id_key(1), 0, "1");
  first->sends = {send_row(1)};
  ASSERT_EQ(run(*store, *first), StoreStatus::done);
  const auto erasing = erase(id_key(1), 1);
  ASSERT_EQ(run(*store, *erasing), StoreStatus::done);
  EXPECT_FALSE(erasing->row_is_gone) << "its sequence would begin anew, among sends that are not delivered yet";
  EXPECT_EQ(load(*store, id_key(1)).version, 2u);
  EXPECT_FALSE(load(*store, id_key(1)).body);
}

TEST(Commit, ChangesAndRemovesItemsOfTables) {
  Opened store;
  auto first = put(id_key(1), 0, "1");
  first->tables = {{0, "a", "1"}, {0, "b", "2"}};
  ASSERT_EQ(run(*store, *first), StoreStatus::done);
  auto second = put(id_key(1), 1, "1");
  second->tables = {{0, "a", std::nullopt}, {0, "b", "3"}, {0, "c", "4"}, {0, "never there", std::nullopt}};
  ASSERT_EQ(run(*store, *second), StoreStatus::done);
  const auto rows = load(*store, id_key(1)).rows;
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].item + rows[0].body, "b3");
  EXPECT_EQ(rows[1].item + rows[1].body, "c4");
}

TEST(Commit, RemembersOperationsByEntity) {
  Opened store;
  auto commit = put(id_key(1), 0, "1");
  commit->inbox = {{uuid(5), R"({"ok":true})", Time(std::chrono::milliseconds(42))}};
  ASSERT_EQ(run(*store, *commit), StoreStatus::done);
  const auto found = find_operation(*store, id_key(1), uuid(5));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->operation, uuid(5));
  EXPECT_EQ(found->reply, R"({"ok":true})");
  EXPECT_EQ(found->at.time_since_epoch().count(), 42);
  EXPECT_FALSE(find_operation(*store, id_key(2), uuid(5)));
  EXPECT_FALSE(find_operation(*store, id_key(1), uuid(6)));
}

TEST(Commit, ForgetsOperationsThatAreTooOldToBeRepeated) {
  using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;
  const Time now = std::chrono::sys_days(std::chrono::year{2026} / 11 / 21);
  const auto made = [&](Days age, std::uint64_t number) { return make_uuid(now - age, 0, number); };
  Opened store;
  auto first = put(id_key(1), 0, "1");
  for (const auto age : {Days(40), Days(32), Days(30), Days(1)}) first->inbox.push_back({made(age, 1), "1", now - age});
  ASSERT_EQ(run(*store, *first), StoreStatus::done);
  auto many = put(id_key(1), 1, "2");
  for (std::uint64_t i = 0; i < 100; ++i) many->inbox.push_back({made(Days(0), i), "2", now});
  ASSERT_EQ(run(*store, *many), StoreStatus::done);
  EXPECT_FALSE(find_operation(*store, id_key(1), made(Days(40), 1)));
  EXPECT_FALSE(find_operation(*store, id_key(1), made(Days(32), 1)));
  EXPECT_TRUE(find_operation(*store, id_key(1), made(Days(30), 1))) << "another node's clock may be slower";
  EXPECT_TRUE(find_operation(*store, id_key(1), made(Days(1), 1)));
  EXPECT_TRUE(find_operation(*store, id_key(1), made(Days(0), 99)));
}

TEST(Commit, RefusesAMemberOfAGroupByItsFenceAlone) {
  Opened store;
  auto& workers = store.use_manual_workers();
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 20; ++i) commits.push_back(put(id_key(i), i == 7 ? 3 : 0, "1"));
  for (const auto& commit : commits) store->commit(*commit);
  workers.run();
  for (std::uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(commits[i]->status, i == 7 ? StoreStatus::fenced : StoreStatus::done) << i;
  }
}

TEST(Commit, UndoesAMemberThatBreaksAConstraintAlone) {
  Opened store;
  auto taken = put(id_key(100), 0, "1");
  taken->inbox = {{uuid(1), "1", Time{}}};
  ASSERT_EQ(run(*store, *taken), StoreStatus::done);

  auto& workers = store.use_manual_workers();
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 6; ++i) commits.push_back(put(id_key(i), 0, "1"));
  commits.push_back(put(id_key(100), 1, "2"));
  commits.back()->inbox = {{uuid(1), "a second answer", Time{}}};
  commits.push_back(put(id_key(100), 1, "3"));
  commits.push_back(put(id_key(9), 4, "fenced"));
  for (const auto& commit : commits) store->commit(*commit);
  workers.run();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(commits[i]->status, StoreStatus::done) << i;
  EXPECT_EQ(commits[6]->status, StoreStatus::unavailable);
  EXPECT_THAT(commits[6]->detail, ::testing::HasSubstr("inbox"));
  EXPECT_EQ(commits[7]->status, StoreStatus::done) << "the refused one left no trace";
  EXPECT_EQ(commits[8]->status, StoreStatus::fenced);
  EXPECT_EQ(store->trouble(), "") << "one request's fault is not the store's";
}

TEST(Commit, TakesSeveralCommitsOfOneKeyInOneGroup) {
  Opened store;
  auto& workers = store.use_manual_workers();
  std::vector<std::unique_ptr<Commit>> commits;
  commits.push_back(put(id_key(1), 0, "1"));
  commits.push_back(put(id_key(1), 1, "2"));
  commits.push_back(put(id_key(1), 1, "late"));
  commits.push_back(put(id_key(1), 2, "3"));
  for (const auto& commit : commits) store->commit(*commit);
  workers.run();
  EXPECT_EQ(commits[0]->status, StoreStatus::done);
  EXPECT_EQ(commits[1]->status, StoreStatus::done);
  EXPECT_EQ(commits[2]->status, StoreStatus::fenced);
  EXPECT_EQ(commits[3]->status, StoreStatus::done);
}

TEST(Commit, IsReadByALoadThatIsIssuedAfterIt) {
  Opened store;
  for (std::uint64_t version = 0; version < 200; ++version) {
    ASSERT_EQ(run(*store, *put(id_key(1), version, std::to_string(version))), StoreStatus::done);
    ASSERT_EQ(load(*store, id_key(1)).version, version + 1);
  }
}

TEST(Commit, TakesBodiesOfAnySize) {
  Opened store(thing(), {.batch_bytes = 1000});
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 30; ++i) commits.push_back(put(id_key(i), 0, std::string(i * i * i * 10, 'x')));
  run_all(*store, commits);
  for (std::uint64_t i = 0; i < 30; ++i) EXPECT_EQ(load(*store, id_key(i)).body->size(), i * i * i * 10);
}

TEST(Commit, RefusesIndexValuesThatAreNotDeclared) {
  Opened store(thing({{"size", IndexDeclaration::Type::integer}}));
  auto unknown = put(id_key(1), 0, "1");
  unknown->indexes = {{3, std::nullopt, IndexValue(std::int64_t{1})}};
  EXPECT_EQ(run(*store, *unknown), StoreStatus::unavailable);
  EXPECT_THAT(unknown->detail, ::testing::HasSubstr("index 3 is not declared"));
  auto wrong_type = put(id_key(1), 0, "1");
  wrong_type->indexes = {{0, std::nullopt, IndexValue(std::string("one"))}};
  EXPECT_EQ(run(*store, *wrong_type), StoreStatus::unavailable);
  EXPECT_THAT(wrong_type->detail, ::testing::HasSubstr("index size"));
  EXPECT_EQ(load(*store, id_key(1)).version, 0u);
}

}  // namespace
}  // namespace troupe::storage::test
