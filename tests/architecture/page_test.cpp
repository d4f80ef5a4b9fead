// The page that describes the architecture names the folders that there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "tests/architecture/source_tree.hpp"

namespace troupe::architecture {
namespace {

const std::string root = TROUPE_SOURCE_TREE;

/// `runtime/wire`, `apps/shop`: what has a row of its own.
std::set<std::string> folders() {
  std::set<std::string> found;
  const std::regex of_interest(R"(^((runtime|apps)/\w+)/)");
  for (const auto& file : read_source_tree(root)) {
    std::smatch folder;
    if (std::regex_search(file.path, folder, of_interest)) found.insert(folder[1]);
  }
  return found;
}

/// What the first cells of the page's tables name so.
std::set<std::string> described() {
  std::ifstream page(root + "/docs/architecture.md");
  std::set<std::string> found;
  const std::regex name(R"(`((runtime|apps)/\w+)`)");
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator match(cell.begin(), cell.end(), name), end; match != end; ++match) {
      found.insert((*match)[1]);
    }
  }
  return found;
}

TEST(ArchitecturePage, NamesEveryFolderAndNoOther) {
  ASSERT_FALSE(folders().empty());
  EXPECT_THAT(described(), ::testing::ContainerEq(folders()));
}

}  // namespace
}  // namespace troupe::architecture
