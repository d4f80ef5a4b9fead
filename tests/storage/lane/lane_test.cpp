#include <sqlite3.h>

#include "tests/storage/faulty_disk.hpp"
#include "tests/storage/lane/lane_fixture.hpp"

// What becomes of a store's work when its lane crashes, is taken down, and comes back.
namespace troupe::storage::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The lane crashes with each commit, behind it: it finds the log long, and no thread to shorten it.
constexpr StoreLimits crashing{.batch_commits = 1, .checkpoint_frames = 1};

TEST_F(ALane, TellsOfACommitThatWasWrittenBeforeItCrashed) {
  open(crashing);
  workers_.lacking = "maintenance";
  const auto written = begin_put(1, 0, "1");
  const auto waiting = begin_put(2, 0, "2");
  Load reading;
  reading.key = id_key(1);
  store_->load(reading);
  workers_.run();
  EXPECT_EQ(written->status, StoreStatus::done);
  ASSERT_TRUE(waiting->is_done());
  EXPECT_EQ(waiting->status, StoreStatus::unavailable) << "it was not begun";
  EXPECT_THAT(waiting->detail, HasSubstr("its storage crashed: no thread is left"));
  EXPECT_TRUE(reading.is_done());
  EXPECT_THAT(crashes_, ElementsAre("no thread is left"));
  EXPECT_THAT(store_->trouble(), HasSubstr("no thread is left"));
}

TEST_F(ALane, RefusesAllUntilItIsBegunAndLosesNothing) {
  open(crashing);
  workers_.lacking = "maintenance";
  ASSERT_EQ(put_now(1, 0, "1"), StoreStatus::done);
  ASSERT_THAT(crashes_, SizeIs(1));
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::unavailable);
  Load load;
  load.key = id_key(1);
  store_->load(load);
  EXPECT_EQ(load.status, StoreStatus::unavailable);
  Query query([](Snapshot&) { ADD_FAILURE(); });
  store_->query(query);
  EXPECT_EQ(query.status, StoreStatus::unavailable);

  workers_.lacking.clear();
  begin();
  EXPECT_THAT(begun_, ElementsAre(""));
  EXPECT_EQ(store_->trouble(), "");
  EXPECT_EQ(version_of(1), 1U);
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::done);
  EXPECT_EQ(version_of(1), 2U);
  open({});
  EXPECT_EQ(version_of(1), 2U);
}

TEST_F(ALane, CrashesAgainAndAgainAndKeepsWhatItHasTold) {
  open(crashing);
  workers_.lacking = "maintenance";
  for (std::uint64_t version = 0; version < 20; ++version) {
    ASSERT_EQ(put_now(1, version, "x"), StoreStatus::done);
    begin();
  }
  EXPECT_THAT(crashes_, SizeIs(20));
  open({});
  EXPECT_EQ(version_of(1), 20U);
}

TEST_F(ALane, TellsWhyACommitFailedWhereItCrashesOverIt) {
  FaultyDisk disk;
  open({});
  ASSERT_EQ(put_now(1, 0, "1"), StoreStatus::done);
  disk.fail({.operation = FaultyDisk::Operation::write, .code = SQLITE_FULL, .suffix = "-wal"});
  log_fails_ = true;
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::full);
  EXPECT_THAT(crashes_, ElementsAre("the log is full"));
  log_fails_ = false;
  begin();
  EXPECT_THAT(begun_, ElementsAre("")) << "a full disk is no failure of the lane";
  EXPECT_THAT(store_->trouble(), HasSubstr("no space left"));
  disk.heal();
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::done);
  EXPECT_EQ(version_of(1), 2U);
}

TEST_F(ALane, DecidesWhatItHasLeftUnknownBeforeItIsRead) {
  FaultyDisk disk;
  open({});
  ASSERT_EQ(put_now(1, 0, "1"), StoreStatus::done);
  disk.fail({.operation = FaultyDisk::Operation::write, .code = SQLITE_IOERR_WRITE, .suffix = "-wal"});
  log_fails_ = true;
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::unknown);
  ASSERT_THAT(crashes_, SizeIs(1));
  log_fails_ = false;
  disk.heal();
  begin();
  const auto version = version_of(1);
  open({});
  EXPECT_EQ(version_of(1), version) << "what was read once is so";
}

TEST_F(ALane, EndsTheNodeAfterAFailedSyncWhateverElseIsThrown) {
  FaultyDisk disk;
  open({});
  ASSERT_EQ(put_now(1, 0, "1"), StoreStatus::done);
  disk.fail({.operation = FaultyDisk::Operation::sync, .code = SQLITE_IOERR_FSYNC, .suffix = "-wal"});
  log_fails_ = true;
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::unknown);
  EXPECT_THAT(crashes_, SizeIs(1));
  EXPECT_THAT(fatal_, ElementsAre(HasSubstr("could not be synced")));
  disk.heal();
  begin();
  EXPECT_THAT(begun_, ElementsAre(HasSubstr("could not be synced"))) << "it does not come back";
}

TEST_F(ALane, DoesNotComeUpWithoutItsFile) {
  open(crashing);
  workers_.lacking = "maintenance";
  ASSERT_EQ(put_now(1, 0, "1"), StoreStatus::done);
  const auto file = folder_.path() / "main" / "thing.db";
  std::filesystem::rename(file, file.string() + ".away");
  begin();
  EXPECT_THAT(begun_, ElementsAre(HasSubstr("can't open")));
  EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::unavailable);
  std::filesystem::rename(file.string() + ".away", file);
  begin();
  EXPECT_EQ(begun_.back(), "");
  EXPECT_EQ(version_of(1), 1U);
}

TEST_F(ALane, DoesWhatWaitsWhereItEndsInOrder) {
  const auto waiting = begin_put(1, 0, "1");
  bool ended = false;
  store_->end_lane(LaneEnd::when_done, [&] { ended = true; });
  const auto late = begin_put(2, 0, "2");
  EXPECT_EQ(late->status, StoreStatus::unavailable);
  EXPECT_TRUE(late->is_done());
  EXPECT_FALSE(ended);
  workers_.run();
  EXPECT_TRUE(ended);
  EXPECT_EQ(waiting->status, StoreStatus::done);
  begin();
  EXPECT_EQ(version_of(1), 1U);
}

TEST_F(ALane, RefusesWhatWaitsWhereItEndsAtOnce) {
  const auto waiting = begin_put(1, 0, "1");
  store_->end_lane(LaneEnd::at_once, [] {});
  ASSERT_TRUE(waiting->is_done());
  EXPECT_EQ(waiting->status, StoreStatus::unavailable);
  workers_.run();
  begin();
  EXPECT_EQ(version_of(1), 0U);
}

TEST_F(ALane, EndsAtOnceWhereItIsDown) {
  store_->end_lane(LaneEnd::at_once, [] {});
  workers_.run();
  int ended = 0;
  store_->end_lane(LaneEnd::when_done, [&] { ++ended; });
  workers_.run();
  EXPECT_EQ(ended, 1);
}

TEST_F(ALane, IsBegunInThePlaceOfOneThatStillEnds) {
  const auto waiting = begin_put(1, 0, "1");
  std::vector<std::string> told;
  store_->end_lane(LaneEnd::when_done, [&] { told.emplace_back("ended"); });
  EXPECT_FALSE(store_->begin_lane(watcher()));
  store_->end_lane(LaneEnd::at_once, [&] { told.emplace_back("ended again"); });
  EXPECT_FALSE(store_->begin_lane(watcher()));
  workers_.run();
  EXPECT_THAT(told, ElementsAre("ended", "ended again"));
  EXPECT_THAT(begun_, ElementsAre(""));
  EXPECT_EQ(put_now(2, 0, "2"), StoreStatus::done);
  EXPECT_EQ(version_of(1), waiting->status == StoreStatus::done ? 1U : 0U);
}

TEST_F(ALane, KeepsAcknowledgementsUntilItIsBack) {
  const auto commit = put(id_key(1), 0, "1");
  commit->sends = {send_row(1)};
  store_->commit(*commit);
  workers_.run();
  ASSERT_EQ(commit->status, StoreStatus::done);
  store_->end_lane(LaneEnd::at_once, [] {});
  store_->acknowledge(id_key(1), 1);
  workers_.run();
  begin();
  open({});
  EXPECT_THAT(store_->take_pending_sends(), IsEmpty());
}

TEST_F(ALane, WantsNoThreadInAQueueThatCannotHaveOne) {
  workers_.lacking = "w thing";
  const auto commit = begin_put(1, 0, "1");
  ASSERT_TRUE(commit->is_done());
  EXPECT_EQ(commit->status, StoreStatus::unavailable);
  EXPECT_THAT(commit->detail, HasSubstr("no thread is left"));
  workers_.lacking.clear();
  EXPECT_EQ(put_now(1, 0, "1"), StoreStatus::done);
}

TEST(ALaneOnThreads, ComesBackUnderCommitsAndLosesNoneThatWasAcknowledged) {
  class Unruly final : public loop::WorkerFactory {
   public:
    std::unique_ptr<loop::Worker> make(std::string name) override {
      // Every second checkpoint finds no thread.
      if (name == "maintenance" && ++asked % 2 == 1) throw std::runtime_error("no thread is left");
      return threads->make(std::move(name));
    }
    std::unique_ptr<loop::WorkerFactory> threads = loop::thread_workers();
    int asked = 0;
  } workers;
  const TempFolder folder;
  const DataFolder data(folder.path(), "main");
  SqliteStoreFactory factory(data, workers, {.fatal = [](const std::string&) {}}, {.checkpoint_frames = 1});
  auto store = factory.open(thing());
  std::promise<void> crashed;
  std::promise<std::string> begun;
  ASSERT_TRUE(store->begin_lane(
      {[&](std::string trouble) { begun.set_value(std::move(trouble)); }, [&](std::string) { crashed.set_value(); }}));
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    commits.push_back(put(id_key(i), 0, "1"));
    store->commit(*commits.back());
  }
  crashed.get_future().wait();
  ASSERT_FALSE(store->begin_lane({[&](std::string trouble) { begun.set_value(std::move(trouble)); }, {}}));
  EXPECT_EQ(begun.get_future().get(), "");
  for (std::uint64_t i = 0; i < commits.size(); ++i) {
    commits[i]->wait();
    const auto version = load(*store, id_key(i)).version;
    EXPECT_EQ(version, commits[i]->status == StoreStatus::done ? 1U : 0U) << i << ": " << commits[i]->detail;
  }
  EXPECT_EQ(commits.front()->status, StoreStatus::done) << "it was written before the lane crashed";
}

}  // namespace
}  // namespace troupe::storage::test
