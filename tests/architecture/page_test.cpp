// What the pages name is there: folders, files, and what links lead to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

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

namespace fs = std::filesystem;

/// The pages that tell of the tree as it is. The change log tells of what was, the tutorial of files that its reader
/// makes.
std::vector<fs::path> pages() {
  std::vector<fs::path> found{root + "/README.md", root + "/CONTRIBUTING.md"};
  for (const auto& entry : fs::recursive_directory_iterator(root + "/docs")) {
    if (entry.path().extension() == ".md" && entry.path().filename() != "tutorial.md") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

/// "docs/architecture.md:30: `engine/gone`": what a page names that is not there.
template <class IsThere>
std::vector<std::string> missing(const fs::path& page, const std::regex& name, IsThere is_there) {
  std::vector<std::string> found;
  std::ifstream in(page);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    for (std::sregex_iterator match(line.begin(), line.end(), name), end; match != end; ++match) {
      if (is_there((*match)[1].str())) continue;
      found.push_back(fs::relative(page, root).string() + ":" + std::to_string(number) + ": " + match->str());
    }
  }
  return found;
}

/// Whether a path names a folder or a file of the tree, or a header and source of that name. Pages leave `runtime/` and
/// `tests/` out where it is clear; a part in capitals stands for any name.
bool is_in_tree(std::string path) {
  const auto placeholder = std::ranges::find_if(path, [](unsigned char c) { return std::isupper(c) != 0; });
  if (const bool is_file = path.ends_with(".txt") || path.ends_with(".md"); !is_file) {
    path.erase(placeholder, path.end());
  }
  for (const std::string folder : {"/", "/runtime/", "/tests/"}) {
    for (const std::string ending : {"", ".hpp", ".cpp"}) {
      if (fs::exists(root + folder + path + ending)) return true;
    }
  }
  return false;
}

/// Not of the tree: what a build or a run makes, and what only looks like a path.
bool is_of_tree(const std::string& path) {
  const std::string first = path.substr(0, path.find('/'));
  if (first == "build" || first == "data") return false;
  return fs::exists(root + "/" + first) || fs::exists(root + "/runtime/" + first);
}

TEST(Pages, NameOnlyFilesThatThereAre) {
  const std::regex path(R"(`([a-z_]+/[\w./-]*)`)");
  std::vector<std::string> findings;
  for (const auto& page : pages()) {
    const auto found = missing(page, path, [](const auto& name) { return !is_of_tree(name) || is_in_tree(name); });
    std::ranges::copy(found, std::back_inserter(findings));
  }
  EXPECT_THAT(findings, ::testing::IsEmpty());
}

TEST(Pages, LinkOnlyToWhatThereIs) {
  const std::regex link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
  std::vector<std::string> findings;
  for (const auto& page : pages()) {
    const auto found = missing(page, link, [&](const auto& name) { return fs::exists(page.parent_path() / name); });
    std::ranges::copy(found, std::back_inserter(findings));
  }
  EXPECT_THAT(findings, ::testing::IsEmpty());
}

/// `Suite.Test` of every test, and `Suite.` of every suite.
std::set<std::string> tests() {
  std::set<std::string> found;
  const std::regex test(R"(\bTEST(_F|_P)?\((\w+),\s*(\w+)\))");
  for (const auto& file : read_source_tree(root)) {
    if (!file.path.starts_with("tests/")) continue;
    for (std::sregex_iterator match(file.text.begin(), file.text.end(), test), end; match != end; ++match) {
      found.insert((*match)[2].str() + '.' + (*match)[3].str());
      found.insert((*match)[2].str() + '.');
    }
  }
  return found;
}

/// What a page's tables name as `Suite.Test` or `Suite` in a last column that says what shows a row.
std::vector<std::string> missing_tests(const fs::path& page) {
  const std::regex name(R"(`([A-Z]\w+(\.\w+)?)`)");
  const auto known = tests();
  std::vector<std::string> found;
  std::ifstream in(page);
  bool tells_tests = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("|")) tells_tests = false;
    if (line.ends_with("| shown by |")) tells_tests = true;
    if (!tells_tests) continue;
    const std::string cell = line.substr(line.rfind('|', line.size() - 2));
    for (std::sregex_iterator match(cell.begin(), cell.end(), name), end; match != end; ++match) {
      const std::string test = (*match)[1].str();
      if (!known.contains(test.find('.') == std::string::npos ? test + '.' : test)) found.push_back(test);
    }
  }
  return found;
}

TEST(Pages, NameOnlyTestsThatThereAre) {
  ASSERT_TRUE(tests().contains("Pages.NameOnlyTestsThatThereAre"));
  for (const auto& page : pages()) EXPECT_THAT(missing_tests(page), ::testing::IsEmpty()) << page;
}

TEST(Pages, AreCaughtNamingAFileThatIsGone) {
  EXPECT_TRUE(is_in_tree("runtime/engine"));
  EXPECT_TRUE(is_in_tree("engine/shard"));
  EXPECT_TRUE(is_in_tree("tests/fuzz/corpus/NAME"));
  EXPECT_TRUE(is_of_tree("engine/gone") && !is_in_tree("engine/gone"));
  EXPECT_TRUE(is_of_tree("tests/gone.cpp") && !is_in_tree("tests/gone.cpp"));
}

}  // namespace
}  // namespace troupe::architecture
