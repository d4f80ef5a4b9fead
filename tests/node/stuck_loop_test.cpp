// A real process whose handlers hold their loops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <regex>
#include <string>

#include <troupe/contract/key.hpp>
#include <troupe/testing/temporary_folder.hpp>
#include "tests/http_client/connection.hpp"
#include "tests/process/child_process.hpp"
#include "tests/process/failure_log.hpp"

namespace troupe::node {
namespace {

using namespace std::chrono_literals;
using http_client::Connection;
using process::ChildProcess;
using process::eventually;
using ::testing::HasSubstr;

constexpr std::uint64_t shards = 64;
constexpr std::uint64_t loops = 2;

/// An id whose entity lives on that loop.
std::string wheel_on(std::uint64_t loop) {
  for (std::uint64_t i = 1;; ++i) {
    const Key key{Uuid{0x0198'0000'0000'7000ULL, 0x8000'0000'0000'0000ULL + i}};
    if (key.shard_hash() % shards % loops == loop) return key.to_string();
  }
}

class StuckLoop : public ::testing::Test {
 protected:
  ~StuckLoop() override {
    if (node_) process::show_log_of_failure(*node_);
  }

  /// Starts the node, by `run` or `up`, and waits until it is ready.
  ChildProcess& start(const std::string& watchdog, const std::string& command = "run") {
    std::ofstream(folder_.path() / "topology.toml")
        << "name = \"wheels\"\n[nodes.main]\nhosts = [\"gateway\", \"wheel\"]\nadmin = \"127.0.0.1:0\"\nloops = "
        << loops << "\n[gateway]\nlisten = \"127.0.0.1:0\"\n[watchdog]\n"
        << watchdog;
    process::Command program;
    program.arguments = {WHEEL_NODE, command, "--topology", "topology.toml"};
    if (command == "run") program.arguments.insert(program.arguments.end(), {"--log-format", "text"});
    program.folder = folder_.path();
    node_.emplace(program);
    ready_ = node_->require_line("ready node=main ");
    return *node_;
  }
  std::string address(const std::string& name) const {
    std::smatch found;
    EXPECT_TRUE(std::regex_search(ready_, found, std::regex(name + "=(\\S+)"))) << ready_;
    return found[1];
  }
  /// Tells a wheel to hold its loop; whoever asks waits.
  void tell(const std::string& wheel, const std::string& what, const std::string& body = "{}") {
    asking_.emplace(address("gateway"));
    asking_->write(
        http_client::bytes_of({"PUT", "/wheels/" + wheel + "/" + what, body, {{"Content-Type", "application/json"}}}));
  }
  void spin(const std::string& wheel) { tell(wheel, "spin", "{\"until\":\"" + go_file() + "\"}"); }
  void let_go() const { std::ofstream(go_file()) << "go\n"; }

  bool says(const std::string& text) {
    return eventually([&] { return node_->standard_error().find(text) != std::string::npos; });
  }
  /// The first line of the log that holds it.
  std::string line_with(const std::string& text) const {
    const std::string log = node_->standard_error();
    const auto at = log.find(text);
    if (at == std::string::npos) return {};
    const auto begin = log.rfind('\n', at) + 1;
    return log.substr(begin, log.find('\n', at) - begin);
  }
  http_client::Answer admin(const std::string& path) const {
    return Connection(address("admin")).exchange({"GET", path, {}, {}});
  }
  boost::json::object check_of_loop(std::uint64_t loop) const {
    const auto answer = admin("/readyz");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().at("checks").as_array().at(loop).as_object();
  }

 private:
  std::string go_file() const { return (folder_.path() / "go").string(); }

  testing::TemporaryFolder folder_;
  std::optional<ChildProcess> node_;
  std::string ready_;
  std::optional<Connection> asking_;
};

constexpr auto stuck = "a loop is stuck: what lives on it waits";
constexpr auto ends = "a loop is stuck for so long that the process ends";

void expect_turn_and_stack(const std::string& line, const std::string& wheel) {
  EXPECT_THAT(line, HasSubstr("turn=wheel.Spin  key=" + wheel));
  const std::string stack = line.substr(std::min(line.find("stack="), line.size()));
  std::size_t calls = 0;
  for (auto at = stack.find(" < "); at != std::string::npos; at = stack.find(" < ", at + 1)) ++calls;
  EXPECT_GT(calls, 3U) << line;
  EXPECT_THAT(stack, HasSubstr("wheel_node+0x"));
}

TEST_F(StuckLoop, IsToldOfWithTheTurnThatHoldsItUntilItGoesOn) {
  ChildProcess& node = start("report = \"500ms\"\nexit = \"0s\"\n");
  const std::string wheel = wheel_on(1);
  spin(wheel);
  ASSERT_TRUE(says("wheel.Spin"));
  expect_turn_and_stack(line_with("wheel.Spin"), wheel);
  EXPECT_THAT(line_with("wheel.Spin"), HasSubstr(stuck));

  const auto check = check_of_loop(1);
  EXPECT_EQ(check.at("name"), "loop 1");
  EXPECT_EQ(check.at("status"), "degraded");
  EXPECT_THAT(std::string(check.at("detail").as_string()), HasSubstr("wheel.Spin of " + wheel));
  const auto loop = admin("/status").json().at("loops").at(1);
  EXPECT_TRUE(loop.at("stuck").is_string()) << loop;
  EXPECT_EQ(std::string(loop.at("doing").as_string()), "wheel.Spin of " + wheel);
  const std::string metric = "troupe_loop_stuck_seconds{loop=\"1\"} ";
  EXPECT_THAT(admin("/metrics").body, HasSubstr(metric));
  EXPECT_THAT(admin("/metrics").body, ::testing::Not(HasSubstr(metric + "0\n")));

  let_go();
  ASSERT_TRUE(says("a loop goes on that was stuck"));
  EXPECT_TRUE(eventually([&] { return check_of_loop(1).at("status") == "ok"; }));
  EXPECT_TRUE(eventually([&] { return admin("/metrics").body.find(metric + "0\n") != std::string::npos; }));
  EXPECT_EQ(node.stop().code, 0);
}

TEST_F(StuckLoop, EndsItsProcessAtTheLimitWhicheverLoopItIs) {
  for (const std::uint64_t loop : {0, 1}) {
    ChildProcess& node = start("report = \"200ms\"\nexit = \"700ms\"\n");
    const std::string wheel = wheel_on(loop);
    spin(wheel);
    const auto exit = node.wait();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, 0);
    EXPECT_EQ(exit->code, 4);
    node.wait_for_end_of_outputs();
    expect_turn_and_stack(line_with(ends), wheel);
  }
}

TEST_F(StuckLoop, EndsItsProcessAlsoWhileThatIsStopping) {
  ChildProcess& node = start("report = \"200ms\"\nexit = \"5s\"\n");
  spin(wheel_on(1));
  ASSERT_TRUE(says(stuck));
  node.signal(SIGTERM);
  const auto exit = node.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 4);
}

TEST_F(StuckLoop, IsNotToldOfWithoutAWatchdog) {
  start("report = \"0s\"\n");
  spin(wheel_on(1));
  EXPECT_TRUE(eventually([&] { return check_of_loop(1).at("status") == "degraded"; }));
  EXPECT_EQ(check_of_loop(1).at("detail"), "it does not answer");
  EXPECT_THAT(admin("/metrics").body, ::testing::Not(HasSubstr("troupe_loop_stuck_seconds")));
  let_go();
  EXPECT_TRUE(eventually([&] { return check_of_loop(1).at("status") == "ok"; }));
}

TEST_F(StuckLoop, LetsUpStartItsNodeAgain) {
  ChildProcess& up = start("report = \"200ms\"\nexit = \"700ms\"\n", "up");
  spin(wheel_on(1));
  EXPECT_TRUE(says("main was ended by its watchdog (exit code 4); it starts again in "));
  EXPECT_TRUE(eventually([&] {
    const std::string output = up.standard_output();
    const auto first = output.find("ready node=main ");
    return output.find("ready node=main ", first + 1) != std::string::npos;
  }));
  EXPECT_EQ(up.stop().code, 0);
}

class ADrain : public StuckLoop {};

TEST_F(ADrain, IsToldOfByReadinessAsSoonAsItBegins) {
  ChildProcess& node = start("report = \"0s\"\n");
  EXPECT_TRUE(eventually([&] { return admin("/readyz").status == 200; }));
  spin(wheel_on(1));
  EXPECT_TRUE(eventually([&] { return check_of_loop(1).at("status") == "degraded"; }));
  node.signal(SIGTERM);
  http_client::Answer drained;
  EXPECT_TRUE(eventually([&] { return (drained = admin("/readyz")).status == 503; }));
  EXPECT_THAT(drained.body, HasSubstr(R"({"name":"node","status":"failing","detail":"it is ending"})"));
  let_go();
  const auto exit = node.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
}

/// The letter that the kernel has for what a process is at: T is stopped.
char state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(") ");
  return name_end == std::string::npos ? '?' : text[name_end + 2];
}

TEST_F(StuckLoop, IsNotSeenInAPauseOfTheWholeProcess) {
  ChildProcess& node = start("report = \"500ms\"\nexit = \"4s\"\n");
  tell(wheel_on(1), "freeze");
  ASSERT_TRUE(eventually([&] { return state_of(node.pid()) == 'T'; }));
  // The pause itself is what is tested.
  const auto begin = std::chrono::steady_clock::now();
  eventually([&] { return std::chrono::steady_clock::now() > begin + 5s; });
  node.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return check_of_loop(1).at("status") == "ok"; }));
  EXPECT_EQ(line_with(ends), "");
  EXPECT_EQ(node.stop().code, 0);
}

}  // namespace
}  // namespace troupe::node
