// A supervisor over real processes that stand in for nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <troupe/testing/temporary_folder.hpp>
#include "tests/process/child_process.hpp"

namespace troupe::cli {
namespace {

using process::ChildProcess;
using process::Command;
using process::eventually;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using Words = std::vector<std::string>;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> cut_into_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) { return cut_into_lines(text_of(file)); }

bool alive(const std::string& process) { return ::kill(std::stoi(process), 0) == 0; }

class ProcessSupervisorTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  Command supervise(const std::vector<Words>& children, const std::string& patience_ms = "30000",
                    const std::string& settled_ms = "60000") const {
    Command command;
    command.arguments = {SUPERVISOR_PROGRAM, SCRIPTED_NODE, file("logs"), patience_ms, settled_ms};
    for (const auto& child : children) {
      command.arguments.insert(command.arguments.end(), child.begin(), child.end());
      command.arguments.emplace_back(",");
    }
    return command;
  }

  testing::TemporaryFolder folder_;
};

void expect_code(ChildProcess& child, int code) {
  const auto exit = child.wait();
  ASSERT_TRUE(exit) << child.standard_error();
  EXPECT_EQ(exit->signal, 0);
  EXPECT_EQ(exit->code, code) << child.standard_error();
  child.wait_for_end_of_outputs();
}

TEST_F(ProcessSupervisorTest, IsReadyOnceAllChildrenAre) {
  ChildProcess child(
      supervise({{"first", "edge", "ready", "wait"}, {"last", "orders", "print=hello", "ready", "wait"}}));
  ASSERT_TRUE(child.wait_for_line("ready topology=scripted"));
  const auto output = cut_into_lines(child.standard_output());
  // What different children print comes in any order.
  EXPECT_THAT(output, UnorderedElementsAre("ready node=edge admin=127.0.0.1:1", "hello",
                                           "ready node=orders admin=127.0.0.1:1", "ready topology=scripted"));
  EXPECT_LT(std::ranges::find(output, "hello"), std::ranges::find(output, "ready node=orders admin=127.0.0.1:1"));
  EXPECT_EQ(output.back(), "ready topology=scripted");
  child.signal(SIGTERM);
  expect_code(child, 0);
}

TEST_F(ProcessSupervisorTest, IsNotReadyWhileOneChildIsNot) {
  ChildProcess child(supervise({{"first", "edge", "ready", "wait"}, {"last", "orders", "log=slow", "wait"}}));
  ASSERT_TRUE(child.wait_for_line("ready node=edge"));
  ASSERT_TRUE(eventually([&] { return child.standard_error().find("slow") != std::string::npos; }));
  child.signal(SIGTERM);
  expect_code(child, 0);
  EXPECT_THAT(child.standard_output(), Not(HasSubstr("topology")));
}

TEST_F(ProcessSupervisorTest, MergesLogsLedByNamesAndKeepsAFileForEach) {
  ChildProcess child(
      supervise({{"first", "edge", "log=one", "ready", "wait"}, {"last", "orders", "log=two", "ready", "wait"}}));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  child.signal(SIGINT);
  expect_code(child, 0);
  EXPECT_THAT(child.standard_error(), HasSubstr("edge   | one\n"));
  EXPECT_THAT(child.standard_error(), HasSubstr("orders | two\n"));
  EXPECT_EQ(text_of(file("logs/edge.log")), "one\n");
  EXPECT_EQ(text_of(file("logs/orders.log")), "two\n");
}

TEST_F(ProcessSupervisorTest, StartsAChildAgainThatEndsOfItself) {
  for (const auto* end : {"exit=0", "exit=1", "die=9"}) {
    const auto attempts = file(std::string("attempts-") + end);
    ChildProcess child(supervise({{"last", "orders", "fail-until=" + attempts + ":3", "ready", "wait"},
                                  {"last", "other", "count=" + attempts + "-other", end}}));
    ASSERT_TRUE(child.wait_for_line("ready node=orders"));
    EXPECT_TRUE(eventually([&] { return lines_of(attempts + "-other").size() > 3; }));
    child.signal(SIGTERM);
    expect_code(child, 0);
    EXPECT_EQ(lines_of(attempts).size(), 4U);
    EXPECT_THAT(child.standard_error(), HasSubstr("up     | orders ended with exit code 1; it starts again in "));
  }
}

TEST_F(ProcessSupervisorTest, WaitsAtLeastHalfOfABackoffThatGrows) {
  ChildProcess child(supervise({{"last", "orders", "fail-until=" + file("attempts") + ":3", "ready", "wait"}}));
  ASSERT_TRUE(child.wait_for_line("ready node=orders"));
  child.signal(SIGTERM);
  expect_code(child, 0);
  EXPECT_THAT(cut_into_lines(child.standard_error()),
              IsSupersetOf({"up     | orders ended with exit code 1; it starts again in 1 ms",
                            "up     | orders ended with exit code 1; it starts again in 2 ms",
                            "up     | orders ended with exit code 1; it starts again in 4 ms"}));
}

TEST_F(ProcessSupervisorTest, SaysSoWhereAChildsWatchdogEndedIt) {
  ChildProcess child(supervise({{"last", "orders", "ready", "exit=4"}}));
  EXPECT_TRUE(eventually([&] {
    return child.standard_error().find("orders was ended by its watchdog (exit code 4); it starts again in ") !=
           std::string::npos;
  }));
  child.signal(SIGTERM);
  expect_code(child, 0);
}

TEST_F(ProcessSupervisorTest, SaysSoWhereAChildsSupervisorsGaveUp) {
  ChildProcess child(supervise({{"last", "orders", "ready", "exit=3"}}));
  EXPECT_TRUE(eventually([&] {
    return child.standard_error().find("orders ended, as its supervisors gave up (exit code 3); it starts again in ") !=
           std::string::npos;
  }));
  child.signal(SIGTERM);
  expect_code(child, 0);
}

TEST_F(ProcessSupervisorTest, EndsWhereAChildSaysThatAnotherStartCannotHelp) {
  ChildProcess child(supervise(
      {{"first", "edge", "ready", "signals=" + file("signals")}, {"last", "orders", "log=no such key", "exit=2"}}));
  expect_code(child, 2);
  EXPECT_THAT(child.standard_error(), HasSubstr("orders | no such key\n"));
  EXPECT_THAT(child.standard_error(), HasSubstr("orders ended with exit code 2"));
}

TEST_F(ProcessSupervisorTest, StopsThoseInFrontFirst) {
  const auto notes = file("notes");
  ChildProcess child(supervise({{"last", "orders", "ready", "signals=" + notes},
                                {"first", "edge-0", "ready", "signals=" + notes},
                                {"first", "edge-1", "ready", "signals=" + notes},
                                {"last", "catalog", "ready", "signals=" + notes}}));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  child.signal(SIGTERM);
  expect_code(child, 0);
  auto lines = lines_of(notes);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(Words(lines.begin(), lines.begin() + 2), UnorderedElementsAre("edge-0 15", "edge-1 15"));
  EXPECT_THAT(Words(lines.begin() + 2, lines.end()), UnorderedElementsAre("orders 15", "catalog 15"));
}

TEST_F(ProcessSupervisorTest, KillsAChildThatDoesNotEnd) {
  ChildProcess child(supervise({{"first", "edge", "deaf", "count=" + file("ids"), "ready", "sleep"},
                                {"last", "orders", "ready", "signals=" + file("notes")}},
                               "3000"));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  child.signal(SIGTERM);
  expect_code(child, 1);
  EXPECT_THAT(child.standard_error(), HasSubstr("edge does not end within 3000 ms and is killed"));
  EXPECT_THAT(lines_of(file("notes")), ElementsAre("orders 15"));
  EXPECT_FALSE(alive(lines_of(file("ids")).at(0)));
}

TEST_F(ProcessSupervisorTest, EndsAllAtOnceOnASecondSignal) {
  ChildProcess child(supervise({{"first", "edge", "deaf", "count=" + file("ids"), "ready", "sleep"},
                                {"last", "orders", "count=" + file("ids"), "ready", "signals=" + file("notes")}}));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  child.signal(SIGINT);
  ASSERT_TRUE(eventually([&] { return child.standard_error().find("stopping") != std::string::npos; }));
  child.signal(SIGINT);
  expect_code(child, 1);
  EXPECT_THAT(lines_of(file("notes")), IsEmpty());
  for (const auto& id : lines_of(file("ids"))) EXPECT_FALSE(alive(id));
}

TEST_F(ProcessSupervisorTest, LeavesNobodyBehindWhenItIsKilled) {
  ChildProcess child(supervise({{"first", "edge", "deaf", "count=" + file("ids"), "ready", "sleep"},
                                {"last", "orders", "count=" + file("ids"), "ready", "wait"}}));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  child.signal(SIGKILL);
  child.wait();
  for (const auto& id : lines_of(file("ids"))) EXPECT_TRUE(eventually([&] { return !alive(id); })) << id;
}

TEST_F(ProcessSupervisorTest, LetsOnlyItselfHearTheTerminal) {
  ChildProcess child(supervise({{"last", "orders", "count=" + file("ids"), "ready", "wait"}}));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  const pid_t member = std::stoi(lines_of(file("ids")).at(0));
  EXPECT_EQ(::getpgid(member), member) << "Ctrl-C goes to the whole group of a terminal's foreground";
  child.signal(SIGTERM);
  expect_code(child, 0);
}

TEST_F(ProcessSupervisorTest, HearsASignalWhileAChildFloodsIt) {
  ChildProcess child(supervise({{"last", "orders", "ready", "flood"}}));
  ASSERT_TRUE(child.wait_for_line("ready topology"));
  child.signal(SIGTERM);
  expect_code(child, 0);
}

TEST_F(ProcessSupervisorTest, TellsOfAProgramThatCannotBeStarted) {
  auto command = supervise({{"last", "orders", "ready"}});
  command.arguments[1] = file("missing");
  ChildProcess child(command);
  expect_code(child, 1);
  EXPECT_THAT(child.standard_error(), HasSubstr("cannot start " + file("missing") + ": No such file or directory"));
}

}  // namespace
}  // namespace troupe::cli
