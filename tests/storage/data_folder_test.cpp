#include <troupe/storage/data_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/process/forked_process.hpp"
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::vector<std::byte> bytes(std::size_t count, int value) {
  return std::vector<std::byte>(count, static_cast<std::byte>(value));
}

TEST(DataFolder, IsMadeForItsOwnerAlone) {
  const TempFolder folder;
  const DataFolder data(folder.path() / "a" / "b", "main");
  EXPECT_EQ(data.path(), folder.path() / "a" / "b" / "main");
  EXPECT_EQ(std::filesystem::status(data.path()).permissions(), std::filesystem::perms::owner_all);
}

TEST(DataFolder, CountsItsStarts) {
  const TempFolder folder;
  for (std::uint64_t start = 1; start <= 3; ++start) EXPECT_EQ(DataFolder(folder.path(), "main").incarnation(), start);
  EXPECT_EQ(DataFolder(folder.path(), "other").incarnation(), 1u);
}

TEST(DataFolder, NeverCountsAStartTwiceThoughTheProcessIsKilled) {
  const TempFolder folder;
  for (int i = 0; i < 3; ++i) {
    process::ForkedProcess child([&](int) {
      const DataFolder data(folder.path(), "main");
      ::_exit(static_cast<int>(data.incarnation()));  // before the folder is given back in order
      return 0;
    });
    EXPECT_EQ(child.wait().code, i + 1);
  }
}

TEST(DataFolder, KeepsSecretsMadeAtTheFirstStart) {
  const TempFolder folder;
  int made = 0;
  const auto make = [&made] { return bytes(32, ++made); };
  {
    DataFolder data(folder.path(), "main");
    EXPECT_EQ(data.get_or_create("token_key", make), bytes(32, 1));
    EXPECT_EQ(data.get_or_create("token_key", make), bytes(32, 1));
    EXPECT_EQ(data.get_or_create("other", make), bytes(32, 2));
  }
  DataFolder data(folder.path(), "main");
  EXPECT_EQ(data.get_or_create("token_key", make), bytes(32, 1));
  EXPECT_EQ(made, 2);
}

TEST(DataFolder, MayHoldNoBytesAsASecret) {
  const TempFolder folder;
  DataFolder data(folder.path(), "main");
  EXPECT_TRUE(data.get_or_create("empty", [] { return bytes(0, 0); }).empty());
  EXPECT_TRUE(data.get_or_create("empty", [] { return bytes(1, 1); }).empty());
}

TEST(DataFolder, RefusesASecondProcessAndNamesTheFirst) {
  const TempFolder folder;
  const DataFolder data(folder.path(), "main");
  EXPECT_THAT(refusal_of([&] { DataFolder(folder.path(), "main"); }),
              AllOf(HasSubstr((folder.path() / "main").string()),
                    HasSubstr("is in use by process " + std::to_string(::getpid())), HasSubstr("another data folder")));
  EXPECT_EQ(DataFolder(folder.path(), "other").incarnation(), 1u);
}

TEST(DataFolder, HoldsADatabaseThatLiesElsewhere) {
  const TempFolder folder;
  const auto database = folder.path() / "disk" / "thing.db";
  {
    DataFolder first(folder.path(), "first");
    first.hold(database);
    DataFolder second(folder.path(), "second");
    EXPECT_THAT(refusal_of([&] { second.hold(database); }),
                HasSubstr("the database " + database.string() + " is in use by process"));
    second.hold(folder.path() / "second" / "thing.db");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "second" / "thing.db.lock")) << "the folder's lock is enough";
  }
  DataFolder(folder.path(), "second").hold(database);
}

TEST(DataFolder, KeepsWhatItSaysOfItsPlace) {
  const TempFolder folder;
  NodeRecord record;
  record.owner = FolderOwner{"shop", "main", "shop.toml"};
  record.databases = {{{"thing", folder.path() / "main" / "thing.db", 8, {0, 2}}, 1, {}},
                      {{"other", "/elsewhere/other.db", 4, {}}, 1, "new.toml"}};
  {
    DataFolder data(folder.path(), "main");
    EXPECT_FALSE(data.record().owner);
    data.keep(record);
  }
  std::filesystem::rename(folder.path() / "main", folder.path() / "carried");
  const auto found = peek_record(folder.path() / "carried");
  ASSERT_TRUE(found && found->owner);
  EXPECT_EQ(found->owner->topology + found->owner->node + found->owner->files, "shopmainshop.toml");
  ASSERT_EQ(found->databases.size(), 2u);
  EXPECT_EQ(found->databases[0].database.file, "/elsewhere/other.db");
  EXPECT_EQ(found->databases[0].moved_to, "new.toml");
  EXPECT_EQ(found->databases[1].database.file, folder.path() / "carried" / "thing.db") << "it moved with its folder";
  EXPECT_EQ(found->databases[1].database.held, (Shards{0, 2}));
  EXPECT_FALSE(peek_record(folder.path() / "nowhere"));
}

TEST(DataFolder, IsFreeAgainWhenItsProcessWasKilled) {
  const TempFolder folder;
  process::ForkedProcess child([&](int pipe) {
    const DataFolder data(folder.path(), "main");
    if (::write(pipe, "x", 1) != 1) return 1;
    ::pause();
    return 0;
  });
  ASSERT_TRUE(child.told<char>());
  EXPECT_THAT(refusal_of([&] { DataFolder(folder.path(), "main"); }),
              HasSubstr("process " + std::to_string(child.pid())));
  child.kill();
  child.wait();
  EXPECT_EQ(DataFolder(folder.path(), "main").incarnation(), 2u);
}

TEST(DataFolder, SaysWhatStandsInItsWay) {
  const TempFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_THAT(refusal_of([&] { DataFolder(folder.path() / "file", "main"); }),
              AllOf(HasSubstr("can't make the data folder"), HasSubstr((folder.path() / "file" / "main").string())));
}

TEST(DataFolder, RefusesADamagedNodeDatabaseByName) {
  const TempFolder folder;
  {
    DataFolder data(folder.path(), "main");
  }
  std::fstream(folder.path() / "main" / "node.db", std::ios::in | std::ios::out) << "no database at all";
  EXPECT_THAT(refusal_of([&] { DataFolder(folder.path(), "main"); }),
              AllOf(HasSubstr("node.db"), HasSubstr("damaged or not a database")));
}

}  // namespace
}  // namespace troupe::storage::test
