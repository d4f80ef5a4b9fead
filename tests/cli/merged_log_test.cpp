#include <troupe/cli/up/merged_log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <troupe/testing/temporary_folder.hpp>

namespace troupe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Lines {
  std::vector<std::string> all;
  LineSplitter::TakeLine take = [this](std::string_view line) { all.emplace_back(line); };
};

TEST(LineSplitter, JoinsWhatComesInPieces) {
  Lines lines;
  LineSplitter cutter;
  cutter.add("one\ntw", lines.take);
  cutter.add("o\n\nthr", lines.take);
  EXPECT_THAT(lines.all, ElementsAre("one", "two", ""));
  cutter.add("ee", lines.take);
  cutter.end(lines.take);
  EXPECT_THAT(lines.all, ElementsAre("one", "two", "", "three"));
}

TEST(LineSplitter, EndsWithoutALineWhereNothingIsLeft) {
  Lines lines;
  LineSplitter cutter;
  cutter.end(lines.take);
  EXPECT_THAT(lines.all, IsEmpty());
}

TEST(LineSplitter, CutsWhatIsTooLong) {
  Lines lines;
  LineSplitter cutter;
  const std::string half(LineSplitter::longest_line / 2 + 1, 'a');
  cutter.add(half, lines.take);
  cutter.add(half + "\nb\n", lines.take);
  ASSERT_EQ(lines.all.size(), 3U);
  EXPECT_EQ(lines.all[0].size(), LineSplitter::longest_line);
  EXPECT_EQ(lines.all[0] + lines.all[1], half + half);
  EXPECT_EQ(lines.all[2], "b");
}

TEST(LineSplitter, TakesALineOfTheGreatestLengthWhole) {
  Lines lines;
  LineSplitter cutter;
  const std::string longest(LineSplitter::longest_line, 'a');
  cutter.add(longest.substr(1) + "\n", lines.take);
  EXPECT_THAT(lines.all, ElementsAre(longest.substr(1)));
}

TEST(PrefixedLines, AreLedByTheirSourceInOneColumn) {
  const PrefixedLines lines({"edge", "orders-0"}, Colours::none);
  EXPECT_EQ(lines.prefixed(0, "ready"), "edge     | ready\n");
  EXPECT_EQ(lines.prefixed(1, ""), "orders-0 | \n");
}

TEST(PrefixedLines, HaveAColourForEachSource) {
  const PrefixedLines lines({"a", "b"}, Colours::by_name);
  EXPECT_EQ(lines.prefixed(0, "x"), "\x1b[36ma |\x1b[0m x\n");
  EXPECT_EQ(lines.prefixed(1, "x"), "\x1b[33mb |\x1b[0m x\n");
}

TEST(LogFiles, AreTheirUsersAlone) {
  const testing::TemporaryFolder folder;
  const auto log = folder.path() / "main.log";
  std::ofstream(log) << "before\n";
  std::filesystem::permissions(log, std::filesystem::perms(0644));
  LogFiles(folder.path(), {"main"}).add(0, "after");
  EXPECT_EQ(std::filesystem::status(log).permissions(), std::filesystem::perms(0600));
  std::ifstream in(log);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "before\nafter\n");
}

TEST(LogFiles, AreNotWrittenThroughALink) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "main.log");
  EXPECT_THROW(LogFiles(folder.path(), {"main"}), std::system_error);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "elsewhere"));
}

}  // namespace
}  // namespace troupe::cli
