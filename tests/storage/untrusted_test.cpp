#include <troupe/storage/private_file.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <troupe/storage/shared_secret.hpp>
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uid_t stranger = 12345;

mode_t mode_of(const fs::path& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

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
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), IsEmpty()) << "as a volume of Kubernetes, after a restart";
  give(volume, stranger, ::getegid());
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), HasSubstr("chmod go-w"));
  give(volume, 0, stranger);
  give(node, 0, stranger);
  EXPECT_THAT(refusal(&refuse_foreign_folder, node), HasSubstr("chmod go-w")) << "this process is not of that group";
}

TEST_F(PrivateFile, IsNotAnotherUsers) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives files to others";
  const auto node = folder("it's", 0700);
  give(node, stranger, 0);
  EXPECT_THAT(refusal(&refuse_foreign_folder, node),
              AllOf(HasSubstr("belongs to the user 12345"), HasSubstr("run: chown -R 0 '"), HasSubstr("it'\\''s'")));
  const auto database = file("thing.db", 0600);
  give(database, stranger, 0);
  EXPECT_THAT(refusal(&make_private, database), HasSubstr("run: chown 0 '"));
  EXPECT_THAT(distrust(database), HasSubstr("run: chown 0 '"));
  fs::create_symlink(folder_.path() / "node.db", folder_.path() / "link.db");
  ASSERT_EQ(::lchown((folder_.path() / "link.db").c_str(), stranger, 0), 0);
  EXPECT_THAT(refusal(&make_private, folder_.path() / "link.db"), HasSubstr("run: chown -h 0 '"));
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
