#include <sqlite3.h>

#include <boost/json.hpp>
#include <fstream>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

/// A folder in which a shop has run and left a product behind.
class Data : public ::testing::Test {
 protected:
  Data() {
    ShopProcess process{folder_.path()};
    auto admin = sign_in(process.gateway(), admin_email, admin_password);
    product_ = create_product(admin);
    process.stop();
  }

  std::filesystem::path data() const { return folder_.path() / "data"; }

  std::vector<std::filesystem::path> databases() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{data()}) {
      if (entry.path().extension() == ".db") found.push_back(entry.path());
    }
    return found;
  }

  Finished start_again(std::optional<Mount> mount = {}) {
    auto command = shop_command(folder_.path(), {"run", "--topology", "topology.toml"});
    command.mount = std::move(mount);
    return run_to_end(command);
  }

  /// Ended with 1, without ever being ready, and with this word on standard error.
  static ::testing::AssertionResult refused(const Finished& finished, const std::string& word) {
    if (finished.exit.code == 1 && finished.error.find(word) != std::string::npos &&
        finished.output.find("ready ") == std::string::npos) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "exit " << finished.exit.code << ", signal " << finished.exit.signal
                                         << ", '" << word << "' expected\n"
                                         << finished.output << finished.error;
  }

  void expect_product_survived() {
    ShopProcess process{folder_.path()};
    EXPECT_TRUE(has_status(Session{process.gateway()}.get("/products/" + product_), 200));
    EXPECT_EQ(process.stop().code, 0);
  }

  TemporaryFolder folder_;
  std::string product_;
};

TEST_F(Data, OutlivesTheProcess) { expect_product_survived(); }

TEST_F(Data, LockedByAnotherProcessIsLeftAlone) {
  ShopProcess first{folder_.path()};
  EXPECT_TRUE(refused(start_again(), "data"));
  Session http{first.gateway()};
  EXPECT_TRUE(has_status(http.get("/products/" + product_), 200));
  EXPECT_EQ(first.stop().code, 0);
  expect_product_survived();
}

TEST_F(Data, OfAKilledProcessIsNotLocked) {
  ShopProcess first{folder_.path()};
  first.kill();
  expect_product_survived();
}

TEST_F(Data, ThatCannotBeWrittenEndsTheStart) {
  if (!private_mounts_possible()) GTEST_SKIP() << "this user may not mount a folder read-only";
  EXPECT_TRUE(refused(start_again(Mount{Mount::Kind::read_only, data(), {}}), "data"));
  expect_product_survived();
}

TEST_F(Data, WhereNoFolderCanBeEndsTheStart) {
  std::filesystem::remove_all(data());
  write_text(data(), "a file");
  EXPECT_TRUE(refused(start_again(), "data"));
}

TEST_F(Data, ThatIsNoDatabaseEndsTheStartAndIsNamed) {
  ASSERT_FALSE(databases().empty());
  for (const auto& database : databases()) {
    const auto backup = database.string() + ".backup";
    std::filesystem::rename(database, backup);
    write_text(database, std::string(8192, 'x'));
    EXPECT_TRUE(refused(start_again(), database.filename())) << database;
    EXPECT_EQ(std::filesystem::file_size(database), 8192U) << "it is left as it was found";
    std::filesystem::rename(backup, database);
  }
  expect_product_survived();
}

TEST_F(Data, WhosePagesAreDamagedEndsTheStartOrIsServedWhole) {
  for (const auto& database : databases()) {
    const auto size = std::filesystem::file_size(database);
    if (size <= 4096) continue;
    const auto backup = database.string() + ".backup";
    std::filesystem::copy_file(database, backup);
    std::fstream file{database, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(100);  // the header stays; the schema's page and all others are lost
    for (std::uintmax_t i = 100; i < size; ++i) file.put('\xA5');
    file.close();
    EXPECT_TRUE(refused(start_again(), database.filename())) << database;
    std::filesystem::rename(backup, database);
  }
  expect_product_survived();
}

/// Raises the number that every database of ours keeps of its tables' version.
void claim_a_later_version(const std::filesystem::path& database) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(database.c_str(), &connection), SQLITE_OK);
  const auto* later = "UPDATE meta SET value = 1000000 WHERE name = 'schema_version'";
  EXPECT_EQ(sqlite3_exec(connection, later, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
  EXPECT_EQ(sqlite3_changes(connection), 1);
  sqlite3_close(connection);
}

TEST_F(Data, FromANewerVersionEndsTheStartAndIsNamed) {
  for (const auto& database : databases()) {
    const auto backup = database.string() + ".backup";
    std::filesystem::copy_file(database, backup);
    claim_a_later_version(database);
    const auto finished = start_again();
    EXPECT_TRUE(refused(finished, database.filename())) << database;
    EXPECT_TRUE(refused(finished, "version")) << database;
    std::filesystem::rename(backup, database);
  }
  expect_product_survived();
}

}  // namespace
}  // namespace shop::testing
