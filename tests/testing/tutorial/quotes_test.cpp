#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::testing {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

/// What stands between a line "```cpp" and the next "```".
std::vector<std::string> quotes_of(std::string_view page) {
  constexpr std::string_view opening = "\n```cpp\n";
  std::vector<std::string> quotes;
  for (auto at = page.find(opening); at != std::string_view::npos; at = page.find(opening, at)) {
    at += opening.size();
    const auto end = page.find("```", at);
    quotes.emplace_back(page.substr(at, end - at));
  }
  return quotes;
}

TEST(Tutorial, QuotesOnlyCodeThatIsCompiledHere) {
  const std::filesystem::path root = TUTORIAL_SOURCE_ROOT;
  std::vector<std::string> sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "tests/testing/tutorial")) {
    const auto extension = entry.path().extension();
    if (extension == ".hpp" || extension == ".cpp") sources.push_back(without_space(read(entry.path())));
  }
  const auto quotes = quotes_of(read(root / "docs/tutorial.md"));
  EXPECT_GE(quotes.size(), 8U);
  for (const auto& quote : quotes) {
    const std::string sought = without_space(quote);
    const bool found = std::any_of(sources.begin(), sources.end(), [&sought](const std::string& source) {
      return source.find(sought) != std::string::npos;
    });
    EXPECT_TRUE(found) << "docs/tutorial.md quotes what no source of the tutorial has:\n" << quote;
  }
}

}  // namespace
}  // namespace troupe::testing
