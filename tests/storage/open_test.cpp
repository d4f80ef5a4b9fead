#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Type = IndexDeclaration::Type;

std::vector<std::optional<IndexValue>> first_letter_and_length(const Key&, std::uint32_t, std::string_view body) {
  if (body == "bad") throw std::runtime_error("no such thing");
  return {IndexValue(std::string(body.substr(0, 1))), IndexValue(static_cast<std::int64_t>(body.size()))};
}

StoreDeclaration indexed_thing() {
  auto declaration = thing({{"letter", Type::text}, {"length", Type::integer}});
  declaration.index_values = first_letter_and_length;
  return declaration;
}

std::vector<Key> keys_of_length(Store& store, std::uint16_t index, std::int64_t length) {
  Scan scan;
  scan.index = index;
  scan.equals = IndexValue(length);
  return scan_keys(store, scan);
}

TEST(Opening, UsesAWriteAheadLogAndMarksTheFileAsOurs) {
  Opened store;
  store.close();
  EXPECT_EQ(sql(store.file(), "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(sql(store.file(), "PRAGMA application_id"), std::to_string(0x54727570));
  EXPECT_EQ(sql(store.file(), "SELECT value FROM meta WHERE name = 'schema_version'"), "2");
  EXPECT_FALSE(std::filesystem::exists(store.file().string() + ".new"));
}

TEST(Opening, BeginsAnewWhereCreationWasInterrupted) {
  Opened store;
  store.close();
  std::filesystem::remove(store.file());
  std::ofstream(store.file().string() + ".new") << "half a database";
  store.reopen();
  EXPECT_EQ(run(*store, *put(id_key(1), 0, "1")), StoreStatus::done);
}

TEST(Opening, BuildsANewIndexFromTheRowsThere) {
  Opened store;
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "abc")), StoreStatus::done);
  ASSERT_EQ(run(*store, *put(id_key(2), 0, "xyz")), StoreStatus::done);
  ASSERT_EQ(run(*store, *put(id_key(3), 0, "defg")), StoreStatus::done);
  store.reopen(indexed_thing());
  EXPECT_THAT(keys_of_length(*store, 1, 3), ElementsAre(id_key(2), id_key(1)));
  Scan scan;
  scan.index = 0;
  scan.contains = "d";
  EXPECT_THAT(scan_keys(*store, scan), ElementsAre(id_key(3)));
}

TEST(Opening, DropsAnIndexThatIsNoLongerDeclared) {
  Opened store(indexed_thing());
  store.reopen(thing());
  store.close();
  EXPECT_EQ(sql(store.file(), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'by_%'"), "0");
  EXPECT_EQ(sql(store.file(), "SELECT count(*) FROM index_declaration"), "0");
}

TEST(Opening, RebuildsAnIndexWhoseTypeChanged) {
  auto declaration = thing({{"length", Type::text}});
  Opened store(declaration);
  auto commit = put(id_key(1), 0, "abc");
  commit->indexes = {{0, std::nullopt, IndexValue(std::string("three"))}};
  ASSERT_EQ(run(*store, *commit), StoreStatus::done);
  store.reopen(indexed_thing());
  EXPECT_THAT(keys_of_length(*store, 1, 3), ElementsAre(id_key(1)));
}

TEST(Opening, RebuildsEveryIndexWhenTheStateHasANewLayout) {
  Opened store(indexed_thing());
  auto commit = put(id_key(1), 0, "abc");
  commit->indexes = {{1, std::nullopt, IndexValue(std::int64_t{99})}};
  ASSERT_EQ(run(*store, *commit), StoreStatus::done);
  store.reopen();
  EXPECT_THAT(keys_of_length(*store, 1, 99), ElementsAre(id_key(1))) << "as it was given";
  auto declaration = indexed_thing();
  declaration.layout = 2;
  store.reopen(declaration);
  EXPECT_THAT(keys_of_length(*store, 1, 99), ElementsAre());
  EXPECT_THAT(keys_of_length(*store, 1, 3), ElementsAre(id_key(1)));
  EXPECT_THAT(refusal_of([&] { store.reopen(indexed_thing()); }),
              AllOf(HasSubstr("thing.db"), HasSubstr("has layout 2, this program knows 1")));
}

TEST(Opening, NamesTheRowFromWhichAnIndexCanNotBeBuilt) {
  Opened store;
  ASSERT_EQ(run(*store, *put(Key("number 7"), 0, "bad")), StoreStatus::done);
  EXPECT_THAT(refusal_of([&] { store.reopen(indexed_thing()); }),
              AllOf(HasSubstr("thing.db"), HasSubstr("number 7"), HasSubstr("no such thing")));
  auto without_values = indexed_thing();
  without_values.index_values = nullptr;
  EXPECT_THAT(refusal_of([&] { store.reopen(without_values); }), HasSubstr("gives no values"));
  store.reopen(thing());
  EXPECT_EQ(load(*store, Key("number 7")).body, "bad") << "a failed opening changes nothing";
}

TEST(Opening, RefusesIndexNamesThatMakeNoTable) {
  EXPECT_THAT(refusal_of([] { Opened store(thing({{"a\"b", Type::text}})); }), HasSubstr("needs a name of a-z"));
  EXPECT_THAT(refusal_of([] { Opened store(thing({{"a", Type::text}, {"a", Type::text}})); }),
              HasSubstr("declared twice"));
}

TEST(Opening, RefusesProtocolNamesThatMakeNoFile) {
  for (const char* name : {"", "../x", "node", ".hidden"}) {
    auto declaration = thing();
    declaration.protocol = name;
    EXPECT_THAT(refusal_of([&] { Opened store(declaration); }), HasSubstr("can't be stored")) << name;
  }
}

constexpr std::array<sqlite::Migration, 3> grown = {
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)",
    "ALTER TABLE item ADD COLUMN price INTEGER NOT NULL DEFAULT 5",
    "UPDATE item SET price = price * 2; CREATE INDEX item_by_price ON item (price)",
};

sqlite::Schema grown_to(std::size_t version) { return {77, std::span(grown).first(version)}; }

void nothing(sqlite::Connection&) {}

TEST(Migration, TakesAnOlderFileForwardStepByStep) {
  const TempFolder folder;
  const auto file = folder.path() / "old.db";
  sqlite::open_file(file, grown_to(1), nothing).connection.execute("INSERT INTO item VALUES (1, 'a')");
  auto opened = sqlite::open_file(file, grown_to(3), nothing);
  EXPECT_EQ(opened.connection.integer("SELECT price FROM item"), 10);
  EXPECT_EQ(opened.connection.integer("SELECT value FROM meta WHERE name = 'schema_version'"), 3);
}

TEST(Migration, MakesNewFilesThroughTheSameSteps) {
  const TempFolder folder;
  const auto schema_of = [](const std::filesystem::path& file) {
    return sql(file,
               "SELECT group_concat(name || coalesce(sql, ''), '|') FROM (SELECT * FROM sqlite_schema ORDER BY 2)");
  };
  sqlite::open_file(folder.path() / "old.db", grown_to(1), nothing);
  sqlite::open_file(folder.path() / "old.db", grown_to(3), nothing);
  sqlite::open_file(folder.path() / "new.db", grown_to(3), nothing);
  EXPECT_EQ(schema_of(folder.path() / "old.db"), schema_of(folder.path() / "new.db"));
}

TEST(Migration, ThatFailsLeavesTheFileAtTheStepBefore) {
  const TempFolder folder;
  const auto file = folder.path() / "old.db";
  sqlite::open_file(file, grown_to(1), nothing);
  constexpr std::array<sqlite::Migration, 3> broken = {grown[0], grown[1], "CREATE TABLE extra (x); SELECT no_such()"};
  EXPECT_THAT(refusal_of([&] { sqlite::open_file(file, {77, broken}, nothing); }),
              AllOf(HasSubstr("old.db"), HasSubstr("no_such")));
  EXPECT_EQ(sql(file, "SELECT value FROM meta WHERE name = 'schema_version'"), "2");
  EXPECT_EQ(sql(file, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), "0");
  EXPECT_EQ(sqlite::open_file(file, grown_to(3), nothing).connection.integer("SELECT count(*) FROM item"), 0);
}

TEST(Migration, RefusesAFileOfANewerVersion) {
  Opened store;
  store.close();
  sql(store.file(), "UPDATE meta SET value = 9 WHERE name = 'schema_version'");
  EXPECT_THAT(refusal_of([&] { store.reopen(); }),
              AllOf(HasSubstr(store.file().string()), HasSubstr("its schema is 9, this program knows 2"),
                    HasSubstr("run the newer program")));
}

TEST(DamagedFile, IsRefusedByName) {
  Opened store;
  for (std::uint64_t i = 0; i < 200; ++i) ASSERT_EQ(run(*store, *put(id_key(i), 0, "body")), StoreStatus::done);
  store.close();
  std::fstream(store.file(), std::ios::in | std::ios::out) << "this is no database at all";
  EXPECT_THAT(refusal_of([&] { store.reopen(); }),
              AllOf(HasSubstr(store.file().string()), HasSubstr("damaged or not a database"), HasSubstr("backup")));
}

TEST(DamagedFile, IsRefusedWhenItIsCutShort) {
  Opened store;
  for (std::uint64_t i = 0; i < 200; ++i) ASSERT_EQ(run(*store, *put(id_key(i), 0, "body")), StoreStatus::done);
  store.close();
  std::filesystem::resize_file(store.file(), 8192);
  EXPECT_THAT(refusal_of([&] { store.reopen(); }), HasSubstr("damaged or not a database"));
  std::filesystem::resize_file(store.file(), 0);
  EXPECT_THAT(refusal_of([&] { store.reopen(); }), HasSubstr("not a database of this kind"));
}

TEST(DamagedFile, IsFoundAtOpeningWhenItWasNotClosed) {
  Opened store;
  for (std::uint64_t i = 0; i < 200; ++i) ASSERT_EQ(run(*store, *put(id_key(i), 0, "body")), StoreStatus::done);
  store.close();
  const auto pages = std::filesystem::file_size(store.file()) / 4096;
  std::fstream file(store.file(), std::ios::in | std::ios::out);
  for (std::uintmax_t page = 2; page < pages; ++page) {
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(16, '\xee');
  }
  file.close();
  // A log that is left says that nobody closed the file; what it holds is no valid frame and is skipped.
  std::ofstream(store.file().string() + "-wal") << std::string(100, 'x');
  EXPECT_THAT(refusal_of([&] { store.reopen(); }),
              AllOf(HasSubstr(store.file().string()), HasSubstr("damaged or not a database")));
}

TEST(DamagedFile, IsFoundSoonAfterOpeningWhenItIsLarge) {
  Opened store;
  std::vector<std::unique_ptr<Commit>> commits;
  for (std::uint64_t i = 0; i < 600; ++i) commits.push_back(put(id_key(i), 0, std::string(4000, 'x')));
  run_all(*store, commits);
  auto& workers = store.use_manual_workers();
  store.close();
  ASSERT_GT(std::filesystem::file_size(store.file()), 2u << 20);
  // The leaf with the first things: an inner page's damage would show at once.
  const auto leaf =
      std::stoul(sql(store.file(), "SELECT pageno FROM dbstat WHERE name = 'entity' AND pagetype = 'leaf'"));
  {
    std::fstream file(store.file(), std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>((leaf - 1) * 4096));
    file << std::string(16, '\xee');
  }
  std::ofstream(store.file().string() + "-wal") << std::string(100, 'x');
  store.reopen();
  EXPECT_EQ(store->trouble(), "") << "the start does not wait for it";
  workers.run();
  EXPECT_THAT(store->trouble(), AllOf(HasSubstr("thing.db is damaged"), HasSubstr("backup")));
  auto commit = put(id_key(9999), 0, "1");
  EXPECT_EQ(run(*store, *commit), StoreStatus::unavailable);
  EXPECT_THAT(commit->detail, HasSubstr("is damaged"));
}

TEST(DamagedFile, AnswersLoadsWithCorrupt) {
  Opened store;
  for (std::uint64_t i = 0; i < 200; ++i) ASSERT_EQ(run(*store, *put(id_key(i), 0, "body")), StoreStatus::done);
  store.close();
  const auto root = std::stoul(sql(store.file(), "SELECT rootpage FROM sqlite_schema WHERE name = 'table_row'"));
  {
    std::fstream file(store.file(), std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>((root - 1) * 4096));
    file << std::string(16, '\xee');
  }
  store.reopen();
  Load load;
  load.key = id_key(1);
  store->load(load);
  load.wait();
  EXPECT_EQ(load.status, StoreStatus::corrupt);
  EXPECT_THAT(load.detail, HasSubstr("thing.db is damaged"));
}

TEST(ForeignFile, IsRefused) {
  Opened store;
  store.close();
  sql(store.file(), "PRAGMA application_id = 12");
  EXPECT_THAT(refusal_of([&] { store.reopen(); }), HasSubstr("is not a database of this kind (application id 12"));
}

TEST(ForeignFile, IsNotTakenForTheLogOfALostOne) {
  Opened store;
  store.close();
  std::filesystem::rename(store.file(), store.file().string() + "-wal");
  EXPECT_THAT(refusal_of([&] { store.reopen(); }), HasSubstr("is there without"));
}

TEST(LockedFile, IsRefusedAtOpeningAndUnavailableWhileOpen) {
  Opened store;
  sqlite::Connection other(store.file(), sqlite::Connection::Mode::read_write);
  other.execute("BEGIN IMMEDIATE");
  auto commit = put(id_key(1), 0, "1");
  EXPECT_EQ(run(*store, *commit), StoreStatus::unavailable);
  EXPECT_THAT(commit->detail, HasSubstr("is locked by another process"));
  EXPECT_THAT(store->trouble(), HasSubstr("is locked by another process"));
  EXPECT_THAT(refusal_of([&] { store.reopen(); }),
              AllOf(HasSubstr("thing.db is locked"), HasSubstr("end the program")));
  other.execute("ROLLBACK");
  store.reopen();
  EXPECT_EQ(run(*store, *put(id_key(1), 0, "1")), StoreStatus::done);
}

TEST(UnwritableFile, IsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  Opened store;
  store.close();
  std::filesystem::permissions(store.file(), std::filesystem::perms::owner_read);
  EXPECT_THAT(refusal_of([&] { store.reopen(); }), AllOf(HasSubstr("can't write to"), HasSubstr("the right to write")));
}

}  // namespace
}  // namespace troupe::storage::test
