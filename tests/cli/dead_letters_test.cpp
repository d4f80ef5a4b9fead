// `dead-letters` as an operator runs it, of nodes that really run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <sstream>

#include <troupe/testing/temporary_folder.hpp>
#include <troupe/wire/id.hpp>
#include "tests/http_client/connection.hpp"
#include "tests/process/child_process.hpp"

namespace troupe::cli {
namespace {

using http_client::Answer;
using http_client::Connection;
using process::eventually;
using process::Finished;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void write_file(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

process::Command command_in(const std::filesystem::path& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), GOSSIP_NODE);
  return {.arguments = std::move(arguments), .folder = folder};
}

/// Speakers on the node n0, with the gateway, and listeners on n1.
class DeadLettersCommand : public ::testing::Test {
 protected:
  DeadLettersCommand() {
    write_file(folder_.path() / "topology.toml", R"(name = "test"
data = "data"
[nodes.n0]
hosts = ["gateway", "speaker"]
link = "127.0.0.1:0"
admin = "127.0.0.1:0"
[nodes.n1]
hosts = ["listener"]
link = "127.0.0.1:0"
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
)");
    start();
  }

  void start() {
    nodes_.reset();
    nodes_.emplace(command_in(folder_.path(), {"up", "--topology", "topology.toml"}));
    nodes_->require_line("ready topology=");
    write_file(folder_.path() / "seen.toml", "[nodes.n0]\nadmin = \"" + told("n0", "admin") +
                                                 "\"\n[nodes.n1]\nadmin = \"" + told("n1", "admin") + "\"\n");
  }

  /// The field of the node's ready line.
  std::string told(const std::string& node, const std::string& name) const {
    std::istringstream lines(nodes_->standard_output());
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("ready node=" + node + ' ')) continue;
      const auto value = line.find(' ' + name + '=') + name.size() + 2;
      return line.substr(value, line.find(' ', value) - value);
    }
    throw std::runtime_error("the node " + node + " is not ready");
  }

  Answer ask(const std::string& method, const std::string& target, const std::string& body = {}) const {
    http_client::Headers headers;
    if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
    return Connection(told("n0", "gateway")).exchange({method, target, body, headers});
  }
  void tell(const std::string& texts) const { tell(listener_, texts); }
  void tell(Uuid listener, const std::string& texts) const {
    const auto told = ask("POST", "/speakers/" + to_text(Uuid{7, 1}) + "/words",
                          R"({"listener":")" + to_text(listener) + R"(","texts":)" + texts + '}');
    ASSERT_EQ(told.status, 204) << told.body;
  }
  bool hears(const std::string& texts) const { return hears(listener_, texts); }
  bool hears(Uuid listener, const std::string& texts) const {
    return eventually([&] {
      return ask("GET", "/listeners/" + to_text(listener)).body.find("\"heard\":" + texts) != std::string::npos;
    });
  }
  void cure() const { cure(listener_); }
  void cure(Uuid listener) const {
    const auto cured = [this, listener] {
      return ask("POST", "/listeners/" + to_text(listener) + "/cures", "{}").status == 204;
    };
    ASSERT_TRUE(eventually(cured)) << "one that has crashed is kept from messages for a moment";
  }

  Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "dead-letters");
    return run_to_end(command_in(folder_.path(), std::move(arguments)));
  }
  /// Of the whole topology.
  Finished operate(std::vector<std::string> arguments) const {
    for (const auto* file : {"topology.toml", "seen.toml"}) {
      arguments.emplace_back("--topology");
      arguments.emplace_back(file);
    }
    return run(std::move(arguments));
  }
  std::vector<std::string> listed() const {
    const auto shown = operate({"list", "--json"});
    EXPECT_EQ(shown.exit.code, 0) << shown.error;
    std::vector<std::string> ids;
    const auto report = boost::json::parse(shown.output);
    for (const auto& node : report.at("nodes").as_array()) {
      for (const auto& letter : node.at("dead_letters").as_array()) ids.emplace_back(letter.at("id").as_string());
    }
    return ids;
  }
  /// The ids of so many dead letters, once they are there.
  std::vector<std::string> buried(std::size_t count) const {
    std::vector<std::string> ids;
    EXPECT_TRUE(eventually([&] { return (ids = listed()).size() == count; })) << ids.size();
    return ids;
  }

  const Uuid listener_{7, 2};
  testing::TemporaryFolder folder_;
  std::optional<process::ChildProcess> nodes_;
};

TEST_F(DeadLettersCommand, ListsAndShowsWhatCrashedItsReceiver) {
  EXPECT_THAT(operate({"list"}).output, IsEmpty());
  tell(R"(["one","poison","two"])");
  const auto id = buried(1).front();
  EXPECT_TRUE(hears(R"(["one","two"])")) << "the rest goes on";
  const std::string from = "speaker/" + to_text(Uuid{7, 1});
  const std::string to = "listener/" + to_text(listener_);
  const auto list = operate({"list"});
  EXPECT_EQ(list.exit.code, 0) << list.error;
  EXPECT_THAT(list.output, ContainsRegex(id + "  n0 +" + from + "  " + to + "  Hear .* 5 +the actor failed on Hear\n"));
  EXPECT_EQ(run({"list", "--admin", told("n0", "admin")}).output, list.output) << "it lies with its sender";
  EXPECT_THAT(run({"list", "--admin", told("n1", "admin")}).output, IsEmpty());
  EXPECT_EQ(run({"list", "--admin", told("n1", "admin"), "--admin", told("n0", "admin")}).output, list.output);

  const auto shown = operate({"show", id});
  ASSERT_EQ(shown.exit.code, 0) << shown.error;
  const auto document = boost::json::parse(shown.output);
  EXPECT_EQ(document.at("node").as_string(), "n0");
  EXPECT_EQ(document.at("letter").at("id").as_string(), id);
  EXPECT_EQ(document.at("body").at("text").as_string(), "poison");
  EXPECT_THAT(nodes_->standard_error(),
              AllOf(HasSubstr("a send is a dead letter"), HasSubstr("gossip dead-letters show " + id)));
}

TEST_F(DeadLettersCommand, RetriesWhatAMendedReceiverTakes) {
  tell(R"(["poison","one"])");
  const auto id = buried(1).front();
  cure();
  const auto retried = operate({"retry", id});
  EXPECT_EQ(retried.exit.code, 0) << retried.error;
  EXPECT_EQ(retried.output, "retried " + id + "  Hear to listener/" + to_text(listener_) + '\n');
  EXPECT_TRUE(hears(R"(["one","poison"])"));
  EXPECT_THAT(listed(), IsEmpty());
  const auto again = operate({"retry", id});
  EXPECT_EQ(again.exit.code, 1);
  EXPECT_EQ(again.error, "there is no dead letter " + id + '\n');
}

TEST_F(DeadLettersCommand, RetriesAll) {
  const std::vector<Uuid> listeners{{7, 3}, {7, 4}, {7, 5}};
  for (const auto listener : listeners) tell(listener, R"(["poison"])");
  buried(3);
  for (const auto listener : listeners) cure(listener);
  const auto retried = operate({"retry", "--all"});
  EXPECT_EQ(retried.exit.code, 0) << retried.error;
  EXPECT_THAT(retried.output, HasSubstr("retried 3 of 3 dead letters\n"));
  for (const auto listener : listeners) EXPECT_TRUE(hears(listener, R"(["poison"])"));
  EXPECT_THAT(operate({"retry", "--all"}).output, "retried 0 of 0 dead letters\n");
}

TEST_F(DeadLettersCommand, KeepsThemOverARestartAndDropsThemWhenItIsSure) {
  tell(R"(["poison"])");
  tell(Uuid{7, 3}, R"(["poison"])");
  const auto ids = buried(2);
  nodes_->signal(SIGTERM);
  ASSERT_EQ(nodes_->wait().value().code, 0);
  start();
  EXPECT_EQ(listed(), ids);
  const auto dropped = operate({"drop", ids[0]});
  EXPECT_EQ(dropped.exit.code, 0) << dropped.error;
  EXPECT_THAT(dropped.output, HasSubstr("dropped " + ids[0]));
  const auto unsure = operate({"drop", "--all"});
  EXPECT_EQ(unsure.exit.code, 2);
  EXPECT_THAT(unsure.error, HasSubstr("say --yes as well"));
  EXPECT_EQ(listed(), std::vector{ids[1]});
  EXPECT_THAT(operate({"drop", "--all", "--yes"}).output, HasSubstr("dropped 1 of 1 dead letters\n"));
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_TRUE(hears("[]"));
  EXPECT_TRUE(hears(Uuid{7, 3}, "[]"));
}

TEST_F(DeadLettersCommand, CountsThemInTheStatusAndTheMetrics) {
  tell(R"(["poison"])");
  buried(1);
  const auto status = run_to_end(command_in(folder_.path(), {"status", "--admin", told("n0", "admin")}));
  EXPECT_THAT(status.output, HasSubstr("DEAD LETTERS"));
  Connection admin(told("n0", "admin"));
  EXPECT_THAT(admin.exchange({"GET", "/status", {}, {}}).body, HasSubstr(R"("outbox":0,"dead_letters":1,)"));
  EXPECT_THAT(admin.exchange({"GET", "/metrics", {}, {}}).body,
              HasSubstr("\ntroupe_dead_letters{protocol=\"speaker\"} 1\n"));
}

TEST_F(DeadLettersCommand, SaysWhichNodesDoNotAnswer) {
  tell(R"(["poison"])");
  const auto id = buried(1).front();
  write_file(folder_.path() / "seen.toml",
             "[nodes.n0]\nadmin = \"" + told("n0", "admin") + "\"\n[nodes.n1]\nadmin = \"127.0.0.1:1\"\n");
  const auto list = operate({"list"});
  EXPECT_EQ(list.exit.code, 1);
  EXPECT_THAT(list.output, HasSubstr(id)) << "what is known is told";
  EXPECT_THAT(list.error, HasSubstr("n1 (127.0.0.1:1): it can't be reached: Connection refused"));
  EXPECT_THAT(operate({"list", "--json"}).output, HasSubstr(R"("trouble":"it can't be reached: Connection refused")"));
  EXPECT_EQ(operate({"show", id}).exit.code, 0) << "who has it answers";
  const auto missing = operate({"show", "speaker/" + to_text(Uuid{1, 1})});
  EXPECT_EQ(missing.exit.code, 1);
  EXPECT_THAT(missing.error, HasSubstr(" on the nodes that answer\nn1 (127.0.0.1:1): "));
}

TEST_F(DeadLettersCommand, TakesNobodyForTheNodeThatIsAskedFor) {
  write_file(folder_.path() / "seen.toml", "[nodes.n0]\nadmin = \"" + told("n1", "admin") +
                                               "\"\n[nodes.n1]\nadmin = \"" + told("n0", "gateway") + "\"\n");
  const auto list = operate({"list"});
  EXPECT_EQ(list.exit.code, 1);
  EXPECT_THAT(list.error, AllOf(HasSubstr("the node n1 of the topology test answers there"),
                                HasSubstr("it answered 404 Not Found")));
}

TEST(DeadLettersArguments, AreRefusedWhereTheyNameNothing) {
  const testing::TemporaryFolder folder;
  const std::string id = "speaker/" + to_text(Uuid{1, 1});
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "dead-letters");
    const auto finished = run_to_end(command_in(folder.path(), std::move(arguments)));
    EXPECT_EQ(finished.exit.code, 2) << finished.error;
    return finished.error;
  };
  EXPECT_THAT(refused({"show", "speaker"}), HasSubstr("names no dead letter; it is PROTOCOL/OPERATION"));
  EXPECT_THAT(refused({"retry"}), HasSubstr("name a dead letter, or say --all"));
  EXPECT_THAT(refused({"retry", "nothing"}), HasSubstr("`gossip dead-letters list` prints it"));
  EXPECT_THAT(refused({"drop", id, "--all"}), HasSubstr("--all"));
  EXPECT_THAT(refused({"list", "--admin", "nowhere"}), HasSubstr("is no address; it is HOST:PORT"));
  EXPECT_THAT(refused({"list", "--admin", "127.0.0.1:1", "--topology", "topology.toml"}), HasSubstr("--admin"));
  EXPECT_THAT(refused({"list", "--topology", "missing.toml"}), HasSubstr("missing.toml"));
  EXPECT_THAT(refused({"bury"}), HasSubstr("there is no subcommand 'bury'"));
  EXPECT_THAT(refused({}), HasSubstr("subcommand"));
}

}  // namespace
}  // namespace troupe::cli
