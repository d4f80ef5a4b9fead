// What a shop leaves on the disk is its user's alone, and what another user could have put there is refused.

#include <sys/stat.h>

#include <filesystem>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto of_others = fs::perms::group_all | fs::perms::others_all;

/// What most shells begin with: files that a program does not protect are readable for all.
class UsualMask {
 public:
  UsualMask() : before_(::umask(022)) {}
  ~UsualMask() { ::umask(before_); }
  UsualMask(const UsualMask&) = delete;
  UsualMask& operator=(const UsualMask&) = delete;

 private:
  mode_t before_;
};

class PrivateFiles : public ::testing::Test {
 protected:
  /// In folders that were there before, open to readers; databases in one of their own.
  PrivateFiles() {
    fs::create_directories(folder_.path() / "data" / "main");
    fs::create_directories(folder_.path() / "disk");
    options_.placement = {};
    options_.settings = "[storage]\nproduct = \"sqlite:disk/product.db\"\n";
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const char* place : {"data", "disk"}) {
      for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / place)) {
        if (entry.is_regular_file()) found.push_back(entry.path());
      }
    }
    return found;
  }
  void expect_private(const std::string& when) const {
    std::size_t databases = 0;
    for (const auto& file : files()) {
      EXPECT_EQ(fs::status(file).permissions() & of_others, fs::perms::none) << file << ' ' << when;
      if (file.extension() == ".db") ++databases;
    }
    EXPECT_GE(databases, 6U) << "node.db, and one for each protocol";
  }
  void run_once() {
    ShopProcess shop(folder_.path(), options_);
    auto admin = sign_in(shop.gateway(), admin_email, admin_password);
    create_product(admin);
    expect_private("while it runs");
    EXPECT_EQ(shop.stop().code, 0);
  }
  Finished start(Environment environment = with_admin()) {
    return run_to_end(shop_command(folder_.path(), {"run", "--topology", "topology.toml"}, std::move(environment)));
  }
  /// Ended with 2, and with the command that mends it, which is then run.
  void expect_mended_by(const Finished& refused, const std::string& command) const {
    EXPECT_EQ(refused.exit.code, 2) << refused.error;
    const auto at = refused.error.find("run: " + command);
    ASSERT_NE(at, std::string::npos) << refused.error;
    const auto said = refused.error.substr(at + 5, refused.error.find('\n', at) - at - 5);
    EXPECT_EQ(run_to_end({.arguments = {"/bin/sh", "-c", said}, .folder = folder_.path()}).exit.code, 0) << said;
  }

  UsualMask mask_;
  TemporaryFolder folder_;
  ShopOptions options_;
};

TEST_F(PrivateFiles, AreTheirOwnersAloneWhateverTheFolder) {
  run_once();
  expect_private("at rest");
}

TEST_F(PrivateFiles, AreClosedWhereAnEarlierProgramLeftThemOpen) {
  run_once();
  for (const auto& file : files()) fs::permissions(file, fs::perms(0644));
  run_once();
}

TEST_F(PrivateFiles, AreNotTakenFromAFolderThatOthersMayWrite) {
  run_once();
  fs::permissions(folder_.path() / "data" / "main", fs::perms(0777));
  expect_mended_by(start(), "chmod go-w '" + (folder_.path() / "data" / "main").string() + "'");
  run_once();
}

TEST_F(PrivateFiles, OfDatabasesLieWhereNobodyElsePutsFiles) {
  run_once();
  fs::permissions(folder_.path() / "disk", fs::perms(01777));
  const auto refused = start();
  EXPECT_EQ(refused.exit.code, 2) << refused.error;
  EXPECT_NE(refused.error.find("place it in a folder of its own"), std::string::npos) << refused.error;
  fs::permissions(folder_.path() / "disk", fs::perms(0777));
  expect_mended_by(start(), "chmod go-w '" + (folder_.path() / "disk").string() + "'");
  run_once();
}

TEST_F(PrivateFiles, AreNotTakenFromAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives folders to others";
  run_once();
  for (const auto& name : {"data/main", "disk/product.db"}) {
    ASSERT_EQ(::chown((folder_.path() / name).c_str(), 12345, 12345), 0);
    const auto refused = start();
    EXPECT_EQ(refused.exit.code, 2) << refused.error;
    EXPECT_NE(refused.error.find("run it as that user"), std::string::npos) << refused.error;
    ASSERT_EQ(::chown((folder_.path() / name).c_str(), 0, 0), 0);
    run_once();
  }
}

TEST_F(PrivateFiles, OfSecretsAreNotWrittenByOthers) {
  run_once();
  write_text(folder_.path() / "key", std::string(43, 'A') + "\n");
  fs::permissions(folder_.path() / "key", fs::perms(0666));
  const Environment named = with_admin({{"SHOP_TOKEN_KEY_FILE", "key"}});
  expect_mended_by(start(named), "chmod go-w 'key'");
  options_.environment = named;
  fs::permissions(folder_.path() / "key", fs::perms(0444));
  run_once();
}

TEST_F(PrivateFiles, AreKeptByAClusterToo) {
  options_.placement = parse_placement("gateway | user product order");
  fs::create_directories(folder_.path() / "data" / "shared");
  run_once();
  fs::permissions(folder_.path() / "data" / "shared" / "links", fs::perms(0666));
  const auto refused = run_to_end(shop_command(folder_.path(), {"up", "--topology", "topology.toml"}));
  expect_mended_by(refused, "chmod go-w '" + (folder_.path() / "data" / "shared" / "links").string() + "'");
}

}  // namespace
}  // namespace shop::testing
