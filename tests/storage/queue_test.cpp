#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Queue, RefusesCommitsBeyondItsBoundAtOnce) {
  Opened store(thing(), {.queued_commits = 3});
  auto& workers = store.use_manual_workers();
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 5; ++i) {
    commits.push_back(put(id_key(i), 0, "1"));
    store->commit(*commits.back());
  }
  EXPECT_FALSE(commits[2]->is_done());
  ASSERT_TRUE(commits[3]->is_done());
  EXPECT_EQ(commits[3]->status, StoreStatus::overloaded);
  EXPECT_THAT(commits[3]->detail, StartsWith("3 commits wait for "));
  workers.run();
  EXPECT_EQ(commits[2]->status, StoreStatus::done);
  EXPECT_EQ(store->trouble(), "") << "busy is not broken";
}

TEST(Queue, RefusesReadsBeyondItsBoundsAtOnce) {
  Opened store(thing(), {.queued_loads = 1, .queued_queries = 1});
  auto& workers = store.use_manual_workers();
  std::array<Load, 2> loads;
  for (auto& load : loads) store->load(load);
  EXPECT_EQ(loads[1].status, StoreStatus::overloaded);
  EXPECT_THAT(loads[1].detail, StartsWith("1 reads wait for "));
  Query first([](Snapshot&) {});
  Query second([](Snapshot&) {});
  store->query(first);
  store->query(second);
  EXPECT_EQ(second.status, StoreStatus::overloaded);
  workers.run();
  EXPECT_EQ(loads[0].status, StoreStatus::done);
  EXPECT_EQ(first.status, StoreStatus::done);
}

TEST(Queue, AnswersLoadsBeforeAQueueOfQueries) {
  Opened store;
  auto& workers = store.use_manual_workers();
  std::vector<std::string> order;
  Query first([&](Snapshot&) { order.push_back("query"); });
  Query second([&](Snapshot&) { order.push_back("query"); });
  struct Noted final : LoadRequest {
    std::vector<std::string>* order = nullptr;
    void done() override { order->push_back("load"); }
  } load;
  load.order = &order;
  store->query(first);
  store->query(second);
  store->load(load);
  workers.run();
  EXPECT_THAT(order, ::testing::ElementsAre("load", "query", "query"));
}

TEST(Queue, MakesItsThreadsWhenTheyAreNeeded) {
  class Counting final : public loop::WorkerFactory {
   public:
    std::unique_ptr<loop::Worker> make(std::string name) override {
      names.push_back(name);
      return threads->make(name);
    }
    std::vector<std::string> names;
    std::unique_ptr<loop::WorkerFactory> threads = loop::thread_workers();
  } workers;
  const TempFolder folder;
  const DataFolder data(folder.path(), "main");
  SqliteStoreFactory factory(data, workers, {.fatal = [](const std::string&) {}});
  auto store = factory.open(thing());
  EXPECT_TRUE(workers.names.empty());
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "1")), StoreStatus::done);
  EXPECT_THAT(workers.names, ::testing::ElementsAre("w thing"));
  load(*store, id_key(1));
  EXPECT_THAT(workers.names, ::testing::ElementsAre("w thing", "r thing"));
}

TEST(Close, EndsWhatWasAcceptedAndRefusesMore) {
  Opened store;
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    commits.push_back(put(id_key(i), 0, "1"));
    store->commit(*commits.back());
  }
  std::vector<std::unique_ptr<Load>> loads;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    loads.push_back(std::make_unique<Load>());
    store->load(*loads.back());
  }
  store->close();
  for (const auto& commit : commits) {
    ASSERT_TRUE(commit->is_done());
    EXPECT_EQ(commit->status, StoreStatus::done);
  }
  for (const auto& load : loads) EXPECT_EQ(load->status, StoreStatus::done);

  auto late = put(id_key(1), 1, "2");
  EXPECT_EQ(run(*store, *late), StoreStatus::unavailable);
  EXPECT_THAT(late->detail, HasSubstr("is closed"));
  Load late_load;
  store->load(late_load);
  EXPECT_EQ(late_load.status, StoreStatus::unavailable);
  Query late_query([](Snapshot&) {});
  store->query(late_query);
  EXPECT_EQ(late_query.status, StoreStatus::unavailable);
  store->acknowledge(id_key(1), 1);
  EXPECT_THAT(store->trouble(), HasSubstr("is closed"));
  store->close();
}

TEST(Close, LeavesNoLogBehind) {
  Opened store;
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "1")), StoreStatus::done);
  load(*store, id_key(1));
  EXPECT_TRUE(std::filesystem::exists(store.file().string() + "-wal"));
  store->close();
  EXPECT_FALSE(std::filesystem::exists(store.file().string() + "-wal"));
}

TEST(Log, StaysBoundedWhileCommitsGoOn) {
  StoreLimits limits;
  limits.checkpoint_frames = 100;
  Opened store(thing(), limits);
  constexpr std::uint64_t round_bytes = 25 * 4120;  // some 1500 frames in 60 rounds
  std::uintmax_t longest = 0;
  // Another thread writes the log back, on a busy machine some rounds late: there may be more of them.
  bool bounded = false;
  for (std::uint64_t version = 0; version < 600 && !bounded; ++version) {
    std::vector<std::unique_ptr<Commit>> commits;
    for (std::uint64_t i = 0; i < 20; ++i) commits.push_back(put(id_key(i), version, std::string(4000, 'x')));
    run_all(*store, commits);
    for (const auto& commit : commits) ASSERT_EQ(commit->status, StoreStatus::done);
    longest = std::max(longest, std::filesystem::file_size(store.file().string() + "-wal"));
    bounded = version >= 60 && longest < version * round_bytes / 2;
  }
  EXPECT_TRUE(bounded) << longest;
}

TEST(Store, ServesManyThreads) {
  StoreLimits limits;
  limits.checkpoint_frames = 64;
  Opened store(thing({{"version", IndexDeclaration::Type::integer}}), limits);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&store, thread] {
      for (std::uint64_t version = 0; version < 60; ++version) {
        auto commit = put(id_key(thread), version, std::string(500, 'x'));
        const IndexValue value(static_cast<std::int64_t>(version));
        commit->indexes = {{0, std::nullopt, value}};
        commit->sends = {send_row(version)};
        EXPECT_EQ(run(*store, *commit), StoreStatus::done) << commit->detail;
        EXPECT_EQ(load(*store, id_key(thread)).version, version + 1);
        store->acknowledge(id_key(thread), version);
        EXPECT_EQ(store->trouble(), "");
        if (version % 10 == 0) {
          Scan scan;
          scan.index = 0;
          scan.equals = value;
          EXPECT_GE(scan_keys(*store, scan).size(), 1u);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  store.reopen();
  EXPECT_TRUE(store->take_pending_sends().empty());
}

}  // namespace
}  // namespace troupe::storage::test
