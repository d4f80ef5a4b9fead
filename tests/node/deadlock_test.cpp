// Call chains of two real processes that wait for each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <troupe/testing/temporary_folder.hpp>
#include <troupe/wire/id.hpp>
#include "tests/http_client/connection.hpp"
#include "tests/process/child_process.hpp"
#include "tests/process/failure_log.hpp"
#include "tests/process/reserved_port.hpp"

namespace troupe::node {
namespace {

using http_client::Connection;
using process::ChildProcess;
using process::eventually;
using ::testing::HasSubstr;
using ::testing::Not;

class TwoNodes : public ::testing::Test {
 protected:
  /// Asks have so long that a deadlock is ended by its detection alone, or the test takes too long.
  void start() {
    std::ofstream(folder_.path() / "topology.toml")
        << "name = \"ropes\"\n"
        << node("west", "\"gateway\", \"left\"") << node("east", "\"gateway\", \"right\"")
        << "[gateway]\nlisten = [\"127.0.0.1:0\", \"127.0.0.1:0\"]\n"
        << "deadline = \"1h\"\n";
    for (const std::string name : {"west", "east"}) {
      process::Command program;
      program.arguments = {ROPE_NODE, "run", "--topology", "topology.toml", "--node", name, "--log-format", "text"};
      program.folder = folder_.path();
      nodes_.try_emplace(name, program);
    }
    for (auto& [name, child] : nodes_) ready_[name] = child.require_line("ready node=" + name + ' ');
  }
  ~TwoNodes() override {
    for (const auto& [name, child] : nodes_) process::show_log_of_failure(child);
  }

  Connection to(const std::string& node, const std::string& listener) {
    const std::string& ready = ready_.at(node);
    const auto at = ready.find(listener + '=') + listener.size() + 1;
    return Connection(ready.substr(at, ready.find_first_of(" \n", at) - at));
  }
  /// Begins to pull an end of that name on its node.
  Connection pull(const std::string& node, const std::string& path, const boost::json::object& how) {
    Connection asking = to(node, "gateway");
    const std::string body = boost::json::serialize(boost::json::object{{"how", how}});
    asking.write(http_client::bytes_of({"PUT", path, body, {{"Content-Type", "application/json"}}}));
    return asking;
  }
  bool is_there(const std::string& file) const {
    return eventually([&] { return std::filesystem::exists(folder_.path() / file); });
  }
  void make(const std::string& file) const { std::ofstream(folder_.path() / file) << "go"; }
  /// Messages that wait before an entity of that protocol.
  std::int64_t queued(const std::string& node, const std::string& protocol) {
    const auto status = boost::json::parse(to(node, "admin").exchange({"GET", "/status", {}, {}}).body);
    for (const auto& each : status.at("protocols").as_array()) {
      if (each.at("name").as_string() == protocol) return each.at("queued").as_int64();
    }
    return -1;
  }
  std::string log(const std::string& node) { return nodes_.at(node).standard_error(); }

 private:
  static std::string node(const std::string& name, const std::string& hosts) {
    return "[nodes." + name + "]\nhosts = [" + hosts + "]\nlink = \"" + process::reserve_address() +
           "\"\nadmin = \"127.0.0.1:0\"\n";
  }

  testing::TemporaryFolder folder_;
  std::map<std::string, ChildProcess> nodes_;
  std::map<std::string, std::string> ready_;
};

TEST_F(TwoNodes, FindTheChainsThatWaitForEachOtherAndFailOneAsk) {
  start();
  const std::string l = to_text(Uuid{0x0198'0000'0000'7000ULL, 0x8000'0000'0000'0001ULL});
  const std::string r = to_text(Uuid{0x0198'0000'0000'7000ULL, 0x8000'0000'0000'0002ULL});
  Connection one = pull("west", "/lefts/" + l, {{"begun", "l.begun"}, {"go", "l.go"}, {"then", r}});
  Connection two = pull("east", "/rights/" + r, {{"begun", "r.begun"}, {"go", "r.go"}, {"then", l}});
  ASSERT_TRUE(is_there("l.begun"));
  ASSERT_TRUE(is_there("r.begun"));
  make("l.go");
  ASSERT_TRUE(eventually([&] { return queued("east", "right") == 1; })) << "the left end waits for the right one";
  make("r.go");
  const auto of_two = two.read();
  const auto of_one = one.read();
  EXPECT_EQ(of_two.status, 200);
  EXPECT_EQ(of_one.status, 200);
  // Across processes an age is known but for the time that messages take: under load either may count as the younger.
  const std::string failed = R"({"how":"call_deadlock, not executed"})";
  const std::string done = R"({"how":"done"})";
  const bool is_two = of_two.body == failed;
  EXPECT_EQ(of_two.body, is_two ? failed : done);
  EXPECT_EQ(of_one.body, is_two ? done : failed);
  const std::string where = is_two ? "west" : "east";
  const std::string elsewhere = is_two ? "east" : "west";
  const auto tells = [&] { return log(where).find("calls waited for each other") != std::string::npos; };
  ASSERT_TRUE(eventually(tells)) << "where the ask that failed had waited";
  const std::string report = log(where).substr(log(where).find("calls waited for each other"));
  EXPECT_THAT(report, HasSubstr("right/" + r + " (Pull) on east waits for left/" + l + " (Pull)"));
  EXPECT_THAT(report, HasSubstr("left/" + l + " (Pull) on west waits for right/" + r + " (Pull)"));
  EXPECT_THAT(log(elsewhere), Not(HasSubstr("calls waited for each other")));
}

}  // namespace
}  // namespace troupe::node
