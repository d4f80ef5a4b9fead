// The same scripts on Troupe's supervisor and on Erlang's own, event by event. Skipped where Erlang is not installed;
// `./dev check --full` installs it.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "tests/process/child_process.hpp"
#include "tests/supervision/script.hpp"

namespace troupe::supervision {
namespace {

constexpr unsigned random_scripts = 2'000;
constexpr std::uint_fast32_t seed = 20'260'101;
constexpr std::chrono::minutes patience{4};

/// A new file in the place for such; gone with this object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_((std::filesystem::temp_directory_path() / "troupe-XXXXXX").string()) {
    const int handle = ::mkstemp(path_.data());
    if (handle == -1) throw std::runtime_error("cannot make a file like " + path_);
    ::close(handle);
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<Script> random_ones() {
  std::mt19937 random(seed);
  std::vector<Script> scripts;
  while (scripts.size() < random_scripts)
    scripts.push_back(make_script([&](unsigned below) { return static_cast<unsigned>(random() % below); }));
  return scripts;
}

/// What Erlang tells of each script.
std::vector<Transcript> play_in_erlang(const std::vector<Script>& scripts) {
  std::string text;
  for (const Script& script : scripts) text += to_erlang(script);
  const TemporaryFile file(text);
  const auto finished = process::run_to_end({.arguments = {"escript", TROUPE_PLAY_ESCRIPT, file.path()}}, patience);
  EXPECT_EQ(finished.exit.code, 0) << finished.error;
  std::vector<Transcript> transcripts(1);
  std::istringstream lines(finished.output);
  for (std::string line; std::getline(lines, line);) {
    if (line == "end") {
      sort_parallel_ends(scripts.at(transcripts.size() - 1), transcripts.back());
      transcripts.emplace_back();
    } else {
      transcripts.back().push_back(line);
    }
  }
  transcripts.pop_back();
  return transcripts;
}

void compare(const std::vector<Script>& scripts) {
  if (process::find_program("escript").empty()) GTEST_SKIP() << "Erlang is not installed (package erlang-base)";
  const auto transcripts = play_in_erlang(scripts);
  ASSERT_EQ(transcripts.size(), scripts.size());
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    ASSERT_EQ(to_text(play(scripts[i], SimulatedTree::Answers::at_once)), to_text(transcripts[i]))
        << "script " << i << ":\n"
        << to_erlang(scripts[i]);
  }
}

TEST(SupervisorBesideErlang, DoesTheSameInEachChosenCase) { compare(chosen_scripts()); }

TEST(SupervisorBesideErlang, DoesTheSameThroughoutTheGrid) { compare(grid_of_scripts()); }

TEST(SupervisorBesideErlang, DoesTheSameWhateverHappens) { compare(random_ones()); }

}  // namespace
}  // namespace troupe::supervision
