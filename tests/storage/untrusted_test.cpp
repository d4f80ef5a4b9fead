#include <troupe/storage/private_file.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <troupe/storage/shared_secret.hpp>
#include <troupe/storage/stored_entity.hpp>
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr uid_t stranger = 12345;

mode_t mode_of(const fs::path& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

/// While it lives, files are made and asked for as another user's. The groups stay.
class AsAnotherUser {
 public:
  AsAnotherUser() { EXPECT_EQ(::seteuid(stranger), 0); }
  ~AsAnotherUser() { EXPECT_EQ(::seteuid(0), 0); }
  AsAnotherUser(const AsAnotherUser&) = delete;
  AsAnotherUser& operator=(const AsAnotherUser&) = delete;
};

/// What others could have written, as whoever starts a node hears of it.
class PrivateFile : public ::testing::Test {
 protected:
  fs::path folder(const std::string& name, mode_t mode) {
    fs::create_directories(folder_.path() / name);
    ::chmod((folder_.path() / name).c_str(), mode);
    return folder_.path() / name;
  }
  fs::path file(const std::string& name, mode_t mode) {
    std::ofstream(folder_.path() / name) << "x";
    ::chmod((folder_.path() / name).c_str(), mode);
    return folder_.path() / name;
  }
  static std::string refusal(void (*check)(const fs::path&), const fs::path& path) {
    try {
      check(path);
    } catch (const Untrusted& refused) {
      return refused.what();
    }
    return {};
  }
  static std::string distrust(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    auto why = distrust_of_secret(descriptor, path);
    ::close(descriptor);
    return why.value_or("");
  }
  static void give(const fs::path& path, uid_t user, gid_t group) {
    ASSERT_EQ(::chown(path.c_str(), user, group), 0) << path;
  }

  TempFolder folder_;
};

TEST_F(PrivateFile, IsAFolderThatOthersMayReadButNotWrite) {
  for (const mode_t mode : {0700U, 0755U, 0711U}) {
    EXPECT_THAT(refusal(&refuse_foreign_folder, folder("node", mode)), IsEmpty()) << mode;
  }
  for (const mode_t mode : {0777U, 0775U, 0702U}) {
    const auto path = folder("node", mode);
    EXPECT_THAT(refusal(&refuse_foreign_folder, path),
                AllOf(HasSubstr("can be written by other users"), HasSubstr("run: chmod go-w '" + path.string() + "'")))
        << mode;
  }
  EXPECT_THAT(refusal(&refuse_foreign_folder, folder_.path() / "none"), IsEmpty());
}

TEST_F(PrivateFile, MayLieInAFolderThatRootHasGivenToAGroupOfThisProcess) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives folders to others";
  const auto volume = folder("volume", 02775);
  const auto node = folder("volume/node", 02770);
  for (const mode_t mode : {02775U, 02777U}) {
    ::chmod(volume.c_str(), mode);
    EXPECT_THAT(refusal(&refuse_foreign_folder, node), IsEmpty()) << "as a volume of Kubernetes, after a restart";
  }
  ::chmod(volume.c_str(), 01777);
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), HasSubstr("chmod go-w")) << "as in /tmp";
  ::chmod(volume.c_str(), 02775);
  give(volume, stranger, ::getegid());
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), HasSubstr("chmod go-w"));
  give(volume, 0, stranger);
  give(node, 0, stranger);
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), HasSubstr("chmod go-w")) << "this process is not of that group";
}

TEST_F(PrivateFile, IsNotAnotherUsers) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives files to others";
  ::chmod(folder_.path().c_str(), 0711);
  const auto node = folder("it's", 0700);
  const auto database = file("thing.db", 0600);
  const auto link = folder_.path() / "link.db";
  fs::create_symlink(folder_.path() / "node.db", link);
  const uid_t other = stranger + 1;
  for (const auto& path : {node, database, link}) ASSERT_EQ(::lchown(path.c_str(), other, 0), 0);
  EXPECT_THAT(distrust(database), HasSubstr("run it as that user"));
  const AsAnotherUser now;
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), AllOf(HasSubstr("belongs to the user 12346"),
                                                           HasSubstr("run: chown -R 12345 '"), HasSubstr("it'\\''s'")));
  EXPECT_THAT(refusal(&make_private, database), HasSubstr("run: chown 12345 '"));
  EXPECT_THAT(refusal(&refuse_foreign_file, database), HasSubstr("run: chown 12345 '"));
  EXPECT_THAT(refusal(&make_private, link), HasSubstr("run: chown -h 12345 '"));
}

TEST_F(PrivateFile, OfAServicesUserIsNotTakenFromItByRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives folders to others";
  const auto node = folder("node", 0700);
  give(node, stranger, 0);
  EXPECT_THAT(refusal(&refuse_foreign_folder, node),
              AllOf(HasSubstr("this process runs as root; run it as that user"), Not(HasSubstr("chown"))));
}

TEST_F(PrivateFile, OfRootIsNotReadByOthersEither) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives files to others";
  ::chmod(folder_.path().c_str(), 0711);
  const auto open = file("links", 0644);
  const auto given = file("given", 0640);
  const auto foreign = file("foreign", 0640);
  give(foreign, 0, stranger);
  const AsAnotherUser now;
  EXPECT_THAT(refusal(&make_private, open), HasSubstr("run: chmod go-r '" + open.string() + "'"));
  EXPECT_THAT(refusal(&refuse_foreign_file, open), IsEmpty()) << "nobody else wrote it";
  EXPECT_THAT(refusal(&make_private, given), IsEmpty()) << "root gave it a group of this process";
  EXPECT_THAT(refusal(&make_private, foreign), HasSubstr("chmod go-r"));
}

TEST_F(PrivateFile, IsNotReachedByAnotherUsersLink) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives links to others";
  const auto secret = file("secret", 0444);
  const auto link = folder_.path() / "link";
  fs::create_symlink(secret, link);
  EXPECT_THAT(distrust(link), IsEmpty()) << "as Kubernetes has them";
  ASSERT_EQ(::lchown(link.c_str(), stranger, 0), 0);
  EXPECT_THAT(distrust(link), HasSubstr("belongs to the user 12345"));
}

TEST_F(PrivateFile, LiesInNoFolderThatAllUsersHave) {
  for (const mode_t mode : {01777U, 03777U}) {
    EXPECT_THAT(refusal(&refuse_shared_folder, folder("disk", mode)), HasSubstr("place it in a folder of its own"));
  }
  EXPECT_THAT(refusal(&refuse_shared_folder, folder("disk", 0777)), HasSubstr("run: chmod go-w '"));
  EXPECT_THAT(refusal(&refuse_shared_folder, folder("disk", 0755)), IsEmpty());
}

TEST_F(PrivateFile, IsClosedToOthers) {
  const auto open = file("thing.db", 0644);
  make_private(open);
  EXPECT_EQ(mode_of(open), 0600U);
  const auto written = file("other.db", 0666);
  EXPECT_THAT(refusal(&make_private, written), HasSubstr("run: chmod go-w '" + written.string() + "'"));
  EXPECT_EQ(mode_of(written), 0666U) << "whoever trusts it says so";
}

TEST_F(PrivateFile, MayBeReadByAllWhereAnOperatorNamesIt) {
  EXPECT_THAT(distrust(file("secret", 0444)), IsEmpty());
  EXPECT_THAT(distrust(file("secret", 0644)), IsEmpty());
  EXPECT_THAT(distrust(file("secret", 0646)), HasSubstr("run: chmod go-w '"));
  EXPECT_THAT(distrust("/dev/null"), IsEmpty()) << "a pipe, too, is judged by whoever made it";
}

TEST_F(PrivateFile, IsWhatNodesShare) {
  const auto make = [] { return std::vector<std::byte>(32); };
  static_cast<void>(shared_secret(folder_.path(), "links", make));
  const auto secret = folder_.path() / "shared" / "links";
  EXPECT_EQ(mode_of(secret), 0600U);
  ::chmod(secret.c_str(), 0606);
  EXPECT_THAT(refusal_of([&] { static_cast<void>(shared_secret(folder_.path(), "links", make)); }),
              HasSubstr("run: chmod go-w '" + secret.string() + "'"));
  EXPECT_THAT(refusal_of([&] { static_cast<void>(find_shared_secret(folder_.path(), "links")); }),
              HasSubstr("run: chmod go-w '" + secret.string() + "'"));
}

TEST(ForeignDatabase, IsNotOpenedWhereOthersCouldPutALogBesideIt) {
  Opened store;
  ASSERT_EQ(run(*store, *put(id_key(1), 0, "abc")), StoreStatus::done);
  store.close();
  ::chmod(store.file().parent_path().c_str(), 0777);
  EXPECT_THAT(refusal_of([&] { store.reopen(); }), HasSubstr("run: chmod go-w '"));
  EXPECT_THAT(refusal_of([&] { static_cast<void>(find_entity(store.file(), id_key(1))); }),
              HasSubstr("run: chmod go-w '"));
  ::chmod(store.file().parent_path().c_str(), 0755);
  store.reopen();
}

TEST(ForeignDatabase, IsNotRead) {
  Opened store;
  store.close();
  ::chmod(store.file().c_str(), 0666);
  EXPECT_THAT(refusal_of([&] { static_cast<void>(find_entity(store.file(), id_key(1))); }),
              HasSubstr("run: chmod go-w '" + store.file().string() + "'"));
}

constexpr auto integer = IndexDeclaration::Type::integer;

StoreDeclaration with_index(const char* name) {
  auto declaration = thing({{name, integer}});
  declaration.index_values = [](const Key&, std::uint32_t, std::string_view) {
    return std::vector<std::optional<IndexValue>>{IndexValue(std::int64_t{1})};
  };
  return declaration;
}

void plant(const fs::path& file, const std::string& text) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
  sqlite3_close(connection);
}

TEST(PlantedDatabase, IsRefusedWhereItDeclaresWhatNoProgramOfOursDoes) {
  for (const std::string declared : {"('x\" (key); DROP TABLE entity; --', 'INTEGER')", "('x', 'INTEGER'' DEFAULT 1')",
                                     "('X', 'TEXT')", "('', 'TEXT')", "('none', 'INTEGER')", "('size', 'TEXT')"}) {
    Opened store(with_index("size"));
    ASSERT_EQ(run(*store, *put(id_key(1), 0, "abc")), StoreStatus::done);
    store.close();
    plant(store.file(), "REPLACE INTO index_declaration VALUES " + declared);
    EXPECT_THAT(refusal_of([&] { store.reopen(thing()); }),
                AllOf(HasSubstr(store.file().string() + " is damaged or not a database"),
                      HasSubstr("is not declared as this program does it")))
        << declared;
    EXPECT_EQ(sql(store.file(), "SELECT count(*) FROM entity"), "1") << declared;
  }
}

TEST(PlantedDatabase, IsRefusedWithTriggersAndViews) {
  for (const std::string planted : {"CREATE TRIGGER t AFTER INSERT ON entity BEGIN DELETE FROM entity; END",
                                    "CREATE VIEW v AS SELECT * FROM entity"}) {
    Opened store;
    store.close();
    plant(store.file(), planted);
    EXPECT_THAT(refusal_of([&] { store.reopen(); }), HasSubstr("it has triggers or views")) << planted;
  }
}

TEST(PlantedDatabase, IsReadByNobodyElseFromItsFirstMoment) {
  const mode_t before = ::umask(0);
  Opened store(with_index("size"));
  EXPECT_EQ(run(*store, *put(id_key(1), 0, "abc")), StoreStatus::done);
  for (const auto& entry : fs::recursive_directory_iterator(store.data())) {
    if (entry.is_regular_file()) {
      EXPECT_EQ(mode_of(entry.path()) & 077U, 0U) << entry.path();
    }
  }
  ::umask(before);
}

}  // namespace
}  // namespace troupe::storage::test
