#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "tests/process/forked_process.hpp"
#include "tests/storage/faulty_disk.hpp"
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Operation = FaultyDisk::Operation;

/// A store on a disk that can be made to fail, run by hand, with one thing in it.
class DiskFault : public ::testing::Test {
 protected:
  DiskFault() {
    EXPECT_EQ(test::run(*store_, *put(id_key(1), 0, "first")), StoreStatus::done);
    workers_ = &store_.use_manual_workers();
  }

  StoreStatus commit(Commit& commit) {
    store_->commit(commit);
    workers_->run();
    return commit.status;
  }
  StoredState state(std::uint64_t id) {
    Load load;
    load.key = id_key(id);
    store_->load(load);
    workers_->run();
    EXPECT_EQ(load.status, StoreStatus::done) << load.detail;
    return load.state;
  }
  StoreStatus load_status() {
    Load load;
    load.key = id_key(1);
    store_->load(load);
    workers_->run();
    return load.status;
  }

  FaultyDisk disk_;
  Opened store_;
  ManualWorkers* workers_ = nullptr;
};

TEST_F(DiskFault, AFullDiskWritesNothingAndServesAgainWhenSpaceReturns) {
  disk_.fail({.operation = Operation::write, .code = SQLITE_FULL, .suffix = "-wal"});
  auto refused = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*refused), StoreStatus::full);
  EXPECT_THAT(refused->detail, HasSubstr("no space left for"));
  EXPECT_THAT(store_->trouble(), HasSubstr("no space left for"));
  EXPECT_EQ(state(1).body, "first");
  disk_.heal();
  auto served = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*served), StoreStatus::done);
  EXPECT_EQ(store_->trouble(), "");
  EXPECT_TRUE(store_.fatal().empty());
  EXPECT_THAT(store_.troubles(), ElementsAre(AllOf(StartsWith("thing: "), HasSubstr("no space left for")), "thing: "));
  store_.reopen();
  workers_->run();
  EXPECT_EQ(state(1).body, "second");
}

TEST_F(DiskFault, TriesForItselfWhetherTheDiskHasSpaceAgain) {
  disk_.fail({.operation = Operation::write, .code = SQLITE_FULL, .suffix = "-wal"});
  auto refused = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*refused), StoreStatus::full);
  EXPECT_NE(store_->trouble(), "");
  workers_->run();
  EXPECT_NE(store_->trouble(), "") << "still full";
  disk_.heal();
  workers_->run();
  EXPECT_EQ(store_->trouble(), "");
  EXPECT_EQ(state(1).version, 1u);
}

TEST_F(DiskFault, IsNotOverBecauseSomethingWasCommittedThatWritesNothing) {
  disk_.fail({.operation = Operation::write, .code = SQLITE_FULL, .suffix = "-wal"});
  auto refused = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*refused), StoreStatus::full);
  LetterMove drop;
  drop.action = DeadLetterMove::Action::drop;
  store_->move(drop);
  workers_->run();
  EXPECT_EQ(drop.status, StoreStatus::done) << "there is no such letter: " << drop.detail;
  EXPECT_THAT(store_->trouble(), HasSubstr("no space left for"));
  EXPECT_EQ(store_.troubles().size(), 1U) << "nobody was told that it is over";
  disk_.heal();
}

TEST_F(DiskFault, LetsThoseMembersOfAGroupInThatStillFit) {
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 2; i < 8; ++i) commits.push_back(put(id_key(i), 0, "x"));
  // The whole group fails, then what is tried first alone.
  disk_.fail({.operation = Operation::write, .code = SQLITE_FULL, .suffix = "-wal", .times = 2});
  for (const auto& commit : commits) store_->commit(*commit);
  workers_->run();
  EXPECT_EQ(commits[0]->status, StoreStatus::full);
  for (std::size_t i = 1; i < commits.size(); ++i) EXPECT_EQ(commits[i]->status, StoreStatus::done) << i;
  EXPECT_EQ(state(2).version, 0u);
  EXPECT_EQ(state(3).version, 1u);
}

TEST_F(DiskFault, AFullDiskIsCertainAtEveryWriteOfACommit) {
  // Much more than is gathered: each write to the log in turn comes out short, the last holds the commit frame.
  for (int after = 0; after < 40; ++after) {
    const auto version = state(1).version;
    disk_.fail({.operation = Operation::write, .code = SQLITE_FULL, .suffix = "-wal", .after = after});
    auto commit_of = put(id_key(1), version, std::string(500'000, 'x') + std::to_string(after));
    const auto status = commit(*commit_of);
    disk_.heal();
    // What a crash at this moment would leave.
    const TempFolder crashed;
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(store_.file().string() + suffix, (crashed.path() / "copy.db").string() + suffix);
    }
    const auto recovered = sql(crashed.path() / "copy.db", "SELECT version FROM entity ORDER BY key LIMIT 1");
    ASSERT_TRUE(status == StoreStatus::full || status == StoreStatus::done) << commit_of->detail;
    EXPECT_EQ(recovered, std::to_string(status == StoreStatus::full ? version : version + 1)) << after;
    if (status == StoreStatus::done) return;
  }
  FAIL() << "the commit never had writes enough";
}

TEST_F(DiskFault, AnErrorWhileCommittingIsUnknownAndSettledBeforeAnythingIsRead) {
  disk_.fail({.operation = Operation::write, .code = SQLITE_IOERR_WRITE, .suffix = "-wal", .times = 1});
  auto uncertain = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*uncertain), StoreStatus::unknown);
  EXPECT_THAT(uncertain->detail, HasSubstr("failed while committing"));
  EXPECT_EQ(state(1).version, 1u) << "settled: it never was";
  EXPECT_EQ(store_->trouble(), "");
  auto again = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*again), StoreStatus::done);
}

TEST_F(DiskFault, NothingIsReadWhileACommitIsNotSettled) {
  disk_.fail({.operation = Operation::write, .code = SQLITE_IOERR_WRITE, .suffix = "-wal"});
  auto uncertain = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*uncertain), StoreStatus::unknown);
  EXPECT_EQ(load_status(), StoreStatus::unavailable);
  auto next = put(id_key(2), 0, "x");
  EXPECT_EQ(commit(*next), StoreStatus::unavailable);
  disk_.heal();
  EXPECT_EQ(load_status(), StoreStatus::unavailable) << "this load has the writer settle it";
  EXPECT_EQ(load_status(), StoreStatus::done);
  EXPECT_EQ(state(1).version, 1u);
}

TEST_F(DiskFault, AnUnpublishedCommitDoesNotComeBackByACrash) {
  // The commit is whole in the log and synced, but the wal-index can't grow: only a crash could bring it to light.
  disk_.fail({.operation = Operation::map_shared_memory, .code = SQLITE_IOERR_SHMSIZE, .suffix = "thing.db"});
  std::uint64_t id = 2;
  auto last = put(id_key(id), 0, std::string(1'000'000, 'x'));
  while (id < 100 && commit(*last) == StoreStatus::done) last = put(id_key(++id), 0, std::string(1'000'000, 'x'));
  ASSERT_EQ(last->status, StoreStatus::unknown) << last->detail;
  EXPECT_EQ(state(id).version, 0u);
  const TempFolder crashed;
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(store_.file().string() + suffix, (crashed.path() / "copy.db").string() + suffix);
  }
  EXPECT_EQ(sql(crashed.path() / "copy.db", "SELECT count(*) FROM entity"), std::to_string(id - 1));
}

TEST_F(DiskFault, AFailedSyncEndsTheNode) {
  disk_.fail({.operation = Operation::sync, .code = SQLITE_IOERR_FSYNC, .suffix = "-wal", .times = 1});
  auto uncertain = put(id_key(1), 1, "second");
  EXPECT_EQ(commit(*uncertain), StoreStatus::unknown);
  ASSERT_EQ(store_.fatal().size(), 1u);
  EXPECT_THAT(store_.fatal()[0], HasSubstr("could not be synced to disk"));
  const int syncs = disk_.syncs("thing.db-wal");
  auto next = put(id_key(2), 0, "x");
  EXPECT_EQ(commit(*next), StoreStatus::unavailable);
  EXPECT_THAT(next->detail, HasSubstr("could not be synced to disk"));
  EXPECT_THAT(store_->trouble(), HasSubstr("could not be synced to disk"));
  store_.close();
  EXPECT_EQ(disk_.syncs("thing.db-wal"), syncs) << "a sync that succeeds now would prove nothing";
  EXPECT_TRUE(std::filesystem::exists(store_.file().string() + "-wal")) << "left for recovery to judge";
  EXPECT_EQ(store_.fatal().size(), 1u);
}

TEST_F(DiskFault, AFailedSyncOfACheckpointEndsTheNode) {
  store_.close();
  StoreLimits limits;
  limits.checkpoint_frames = 4;
  Opened store(thing(), limits);
  auto& workers = store.use_manual_workers();
  disk_.fail({.operation = Operation::sync, .code = SQLITE_IOERR_FSYNC, .suffix = "thing.db"});
  for (std::uint64_t i = 0; i < 20; ++i) {
    auto commit = put(id_key(i), 0, "x");
    store->commit(*commit);
    workers.run();
  }
  ASSERT_EQ(store.fatal().size(), 1u);
  EXPECT_THAT(store.fatal()[0], HasSubstr("could not be synced to disk"));
}

TEST_F(DiskFault, AcknowledgementsAloneCostNoSync) {
  auto sending = put(id_key(1), 1, "second");
  sending->sends = {send_row(1)};
  ASSERT_EQ(commit(*sending), StoreStatus::done);
  const int before = disk_.syncs("-wal");
  store_->acknowledge(id_key(1), 1);
  workers_->run();
  EXPECT_EQ(disk_.syncs("-wal"), before);
  auto next = put(id_key(1), 2, "third");
  ASSERT_EQ(commit(*next), StoreStatus::done);
  EXPECT_EQ(disk_.syncs("-wal"), before + 1);
  store_.reopen();
  EXPECT_TRUE(store_->take_pending_sends().empty());
}

/// Runs `work` in a child that is alone with a disk of its own of this size; 0: it went well, 77: no right to mount.
int on_tiny_disk(const std::filesystem::path& folder, const char* size, const std::function<int()>& work) {
  const process::PrivateMount disk({process::Mount::Kind::memory, folder, std::string("size=") + size});
  process::ForkedProcess child([&](int) { return disk.perform() ? work() : 77; });
  return child.wait().code;
}

int fill_and_free_a_disk(const std::filesystem::path& folder) {
  DataFolder data(folder, "main");
  const auto workers = loop::thread_workers();
  SqliteStoreFactory factory(data, *workers, {.fatal = [](const std::string&) { ::_exit(2); }});
  auto store = factory.open(thing());
  const auto ballast = folder / "ballast";
  std::ofstream(ballast) << std::string(1 << 20, 'b');
  std::uint64_t written = 0;
  while (true) {
    auto commit = put(id_key(written), 0, std::string(2000, 'x'));
    const auto status = run(*store, *commit);
    if (status == StoreStatus::full) break;
    if (status != StoreStatus::done) return std::fprintf(stderr, "%s\n", commit->detail.c_str()), 3;
    if (++written > 10'000) return 4;
  }
  if (load(*store, id_key(written)).version != 0) return 5;
  if (load(*store, id_key(written - 1)).version != 1) return 6;
  std::filesystem::remove(ballast);
  auto commit = put(id_key(written), 0, std::string(2000, 'x'));
  if (run(*store, *commit) != StoreStatus::done) return std::fprintf(stderr, "%s\n", commit->detail.c_str()), 7;
  store->close();
  store = factory.open(thing());
  for (std::uint64_t i = 0; i <= written; ++i) {
    if (load(*store, id_key(i)).version != 1) return 8;
  }
  return 0;
}

TEST(TinyDisk, FillsUpAndServesAgainWhenSpaceReturns) {
  const TempFolder folder;
  const int result = on_tiny_disk(folder.path(), "3m", [&] { return fill_and_free_a_disk(folder.path()); });
  if (result == 77) GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(result, 0);
}

int open_on_read_only_disk(const std::filesystem::path& folder) {
  {
    DataFolder data(folder, "main");
  }
  if (::mount("none", folder.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return 77;
  const auto text = refusal_of([&] { DataFolder data(folder, "main"); });
  const bool right = text.find((folder / "main" / "lock").string()) != std::string::npos &&
                     text.find("Read-only file system") != std::string::npos &&
                     text.find("the right to write") != std::string::npos;
  if (!right) std::fprintf(stderr, "%s\n", text.c_str());
  return right ? 0 : 1;
}

TEST(ReadOnlyDisk, IsRefusedByName) {
  const TempFolder folder;
  const int result = on_tiny_disk(folder.path(), "3m", [&] { return open_on_read_only_disk(folder.path()); });
  if (result == 77) GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(result, 0);
}

int open_read_only_file(const std::filesystem::path& folder) {
  const auto workers = loop::thread_workers();
  DataFolder data(folder, "main");
  SqliteStoreFactory factory(data, *workers, {.fatal = [](const std::string&) { ::_exit(2); }});
  factory.open(thing())->close();
  const auto file = folder / "main" / "thing.db";
  // root passes every permission bit, but not a read-only mount of the file onto itself.
  if (::mount(file.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
      ::mount("none", file.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
    return 77;
  }
  const auto text = refusal_of([&] { factory.open(thing()); });
  const bool right = text.find("can't write to " + file.string()) != std::string::npos;
  if (!right) std::fprintf(stderr, "%s\n", text.c_str());
  return right ? 0 : 1;
}

TEST(ReadOnlyFile, IsRefusedByName) {
  const TempFolder folder;
  const int result = on_tiny_disk(folder.path(), "3m", [&] { return open_read_only_file(folder.path()); });
  if (result == 77) GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace troupe::storage::test
