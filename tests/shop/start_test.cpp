#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <regex>

#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

class Start : public ::testing::Test {
 protected:
  Finished shop(std::vector<std::string> arguments, Environment environment = with_admin()) {
    return run_to_end(shop_command(folder_.path(), std::move(arguments), std::move(environment)));
  }

  Finished run(std::string_view topology) {
    write_text(folder_.path() / "topology.toml", topology);
    return shop({"run", "--topology", "topology.toml"});
  }

  TemporaryFolder folder_;
};

std::string shown(const Finished& finished) {
  return "exit " + std::to_string(finished.exit.code) + ", signal " + std::to_string(finished.exit.signal) + '\n' +
         finished.output + finished.error;
}

::testing::AssertionResult ended(const Finished& finished, int code) {
  if (finished.exit.code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected exit " << code << ", got " << shown(finished);
}

/// Ended with 2 after a line "topology.toml:LINE:COL: what; hint" for each of these lines.
::testing::AssertionResult points_at(const Finished& finished, const std::vector<int>& lines) {
  if (const auto result = ended(finished, 2); !result) return result;
  for (const int line : lines) {
    const std::regex form{R"((^|\n)[^\n:]*topology\.toml:)" + std::to_string(line) + R"(:[1-9]\d*: [^\n;]+; [^\n]+\n)"};
    if (!std::regex_search(finished.error, form)) {
      return ::testing::AssertionFailure() << "no fault in line " << line << ": " << shown(finished);
    }
  }
  return ::testing::AssertionSuccess();
}

/// A listening socket, on a port chosen by the system.
class BusyPort {
 public:
  BusyPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(socket_, 1);
    socklen_t length = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~BusyPort() { ::close(socket_); }
  BusyPort(const BusyPort&) = delete;
  BusyPort& operator=(const BusyPort&) = delete;

  const std::string& address() const { return address_; }

 private:
  int socket_;
  std::string address_;
};

TEST_F(Start, HelpsOnRequest) {
  for (const auto& arguments : {std::vector<std::string>{"--help"}, std::vector<std::string>{"run", "--help"}}) {
    const auto finished = shop(arguments);
    ASSERT_TRUE(ended(finished, 0));
    EXPECT_NE(finished.output.find("run"), std::string::npos) << shown(finished);
  }
  const auto finished = shop({"--help"});
  EXPECT_NE(finished.output.find("check"), std::string::npos) << shown(finished);
  EXPECT_NE(shop({"run", "--help"}).output.find("--topology"), std::string::npos);
}

TEST_F(Start, TellsItsVersion) {
  const auto finished = shop({"--version"});
  ASSERT_TRUE(ended(finished, 0));
  EXPECT_TRUE(std::regex_search(finished.output, std::regex{R"(\d+\.\d+\.\d+)"})) << shown(finished);
}

TEST_F(Start, RefusesUnknownFlagsAndCommands) {
  for (const auto& arguments : {std::vector<std::string>{"--nonsense"}, std::vector<std::string>{"run", "--nonsense"},
                                std::vector<std::string>{"nonsense"}, std::vector<std::string>{"run", "--topology"},
                                std::vector<std::string>{"check"}, std::vector<std::string>{"run", "surplus"}}) {
    const auto finished = shop(arguments);
    EXPECT_TRUE(ended(finished, 2)) << arguments.front();
    EXPECT_FALSE(finished.error.empty());
  }
}

TEST_F(Start, ChecksATopologyAndShowsThePlan) {
  write_text(folder_.path() / "topology.toml", monolith({}));
  const auto finished = shop({"check", "topology.toml"});
  ASSERT_TRUE(ended(finished, 0));
  for (const auto* word : {"main", "user", "product", "order", "gateway"}) {
    EXPECT_NE(finished.output.find(word), std::string::npos) << word << '\n' << shown(finished);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data")) << "checking starts nothing";
}

TEST_F(Start, ChecksWhatItWouldRefuseToRun) {
  write_text(folder_.path() / "topology.toml", monolith({}) + "[nonsense]\n");
  EXPECT_TRUE(ended(shop({"check", "topology.toml"}), 2));
  EXPECT_TRUE(ended(shop({"check", "missing.toml"}), 2));
}

TEST_F(Start, RefusesATopologyThatCannotBeRead) {
  const auto missing = shop({"run", "--topology", "missing.toml"});
  EXPECT_TRUE(ended(missing, 2));
  EXPECT_NE(missing.error.find("missing.toml"), std::string::npos) << shown(missing);
  std::filesystem::create_directory(folder_.path() / "folder.toml");
  const auto folder = shop({"run", "--topology", "folder.toml"});
  EXPECT_TRUE(ended(folder, 2));
  EXPECT_NE(folder.error.find("folder.toml"), std::string::npos) << shown(folder);
}

TEST_F(Start, PointsAtWhatIsWrongInATopology) {
  const std::string head = "name = \"test\"\n\n[nodes.main]\n";
  const std::string all = "hosts = [\"gateway\", \"user\", \"product\", \"order\", \"payment\", \"shipping\"]\n";
  EXPECT_TRUE(points_at(run("name = \"test\n"), {1})) << "not TOML";
  EXPECT_TRUE(points_at(run("name = \"test\"\nname = \"twice\"\n"), {2})) << "a key given twice";
  EXPECT_TRUE(points_at(run("nmae = \"test\"\n" + head.substr(14) + all), {1})) << "a misspelt key";
  EXPECT_TRUE(points_at(run(head + "host = [\"user\"]\n" + all), {4})) << "a misspelt key of a node";
  EXPECT_TRUE(points_at(run(head + "hosts = [\"usr\", \"gateway\"]\n"), {4})) << "an unknown protocol";
  EXPECT_TRUE(points_at(run(head + "hosts = \"user\"\n"), {4})) << "a text instead of a list";
  EXPECT_TRUE(points_at(run(head + all + "[gateway]\nlisten = 8080\n"), {6})) << "a number instead of an address";
  EXPECT_TRUE(points_at(run(head + all + "[gateway]\nlisten = \"127.0.0.1\"\n"), {6})) << "an address without a port";
  EXPECT_TRUE(points_at(run(head + all + "[gateway]\nlisten = \"127.0.0.1:99999\"\n"), {6})) << "no such port";
  EXPECT_TRUE(points_at(run(head + all + "[settings.order]\nunpaid_after = \"soon\"\n"), {6})) << "no duration";
  EXPECT_TRUE(points_at(run(head + all + "[settings.order]\nunpayed_after = \"1s\"\n"), {6})) << "a misspelt setting";
  EXPECT_TRUE(points_at(run(head + all + "[settings.odrer]\nunpaid_after = \"1s\"\n"), {5})) << "an unknown domain";
}

TEST_F(Start, PointsAtAllThatIsWrongAtOnce) {
  EXPECT_TRUE(points_at(run("nmae = \"test\"\n[nodes.main]\nhosts = [\"usr\"]\nadmin = 1\n[gateway]\nlistn = \"x\"\n"),
                        {1, 3, 4, 6}));
}

TEST_F(Start, HintsAtWhatWasMeant) {
  const auto finished =
      run("name = \"test\"\n[nodes.main]\nhosts = [\"gateway\"]\n[gateway]\nlistn = \"127.0.0.1:0\"\n");
  EXPECT_TRUE(points_at(finished, {5}));
  EXPECT_NE(finished.error.find("listen"), std::string::npos) << shown(finished);
}

TEST_F(Start, RefusesANodeThatTheTopologyLacks) {
  write_text(folder_.path() / "topology.toml", monolith({}));
  const auto finished = shop({"run", "--topology", "topology.toml", "--node", "other"});
  EXPECT_TRUE(ended(finished, 2));
  EXPECT_NE(finished.error.find("other"), std::string::npos) << shown(finished);
}

TEST_F(Start, NamesAnAddressThatIsInUse) {
  const BusyPort busy;
  for (const auto& options : {ShopOptions{.gateway = busy.address()}, ShopOptions{.admin = busy.address()}}) {
    const auto finished = run(monolith(options));
    EXPECT_TRUE(ended(finished, 1));
    EXPECT_NE(finished.error.find(busy.address()), std::string::npos) << shown(finished);
    EXPECT_EQ(finished.output.find("ready "), std::string::npos) << shown(finished);
  }
}

TEST_F(Start, EndsInOrderOnSigtermAndSigint) {
  for (const int number : {SIGTERM, SIGINT}) {
    ShopProcess process{folder_.path()};
    Session idle{process.gateway()};
    ASSERT_TRUE(has_status(idle.get("/products"), 200));
    process.child().signal(number);
    const auto exit = process.child().wait();
    ASSERT_TRUE(exit) << "an idle keep-alive connection must not hold it up";
    EXPECT_EQ(exit->code, 0) << process.child().standard_error();
  }
}

TEST_F(Start, FinishesTheCallsInFlightBeforeItEnds) {
  ShopProcess process{folder_.path()};
  auto admin = sign_in(process.gateway(), admin_email, admin_password);
  auto user = sign_up(process.gateway());
  const auto order = place(user.session, {{create_product(admin), 1}});
  Background payer{[&] {
    const auto answer = user.session.post("/orders/" + order + "/payment", {{"card", silent_card}});
    EXPECT_TRUE(has_status(answer, 200));
  }};
  EXPECT_TRUE(eventually([&] { return !payments(admin, order).empty(); })) << "the call is in flight";
  EXPECT_EQ(process.stop().code, 0) << process.child().standard_error();
}

TEST_F(Start, DoesNotWaitForClientsThatStopInTheMiddle) {
  ShopProcess process{folder_.path()};
  Connection half{process.gateway()};
  half.write("POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{");
  Session http{process.gateway()};
  ASSERT_TRUE(has_status(http.get("/products"), 200));
  EXPECT_EQ(process.stop().code, 0) << process.child().standard_error();
}

TEST_F(Start, PrintsItsRealAddressesOnceReady) {
  ShopProcess process{folder_.path()};
  const auto output = process.child().standard_output();
  const std::regex form{R"((^|\n)ready node=main gateway=127\.0\.0\.1:[1-9]\d* admin=127\.0\.0\.1:[1-9]\d*\n)"};
  EXPECT_TRUE(std::regex_search(output, form)) << output;
  EXPECT_EQ(process.stop().code, 0);
}

}  // namespace
}  // namespace shop::testing
