#include <algorithm>
#include <boost/json.hpp>
#include <regex>
#include <sstream>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

constexpr const char* default_email = "admin@example.com";

std::vector<std::string> lines_with(const std::string& text, std::string_view part) {
  std::vector<std::string> found;
  std::istringstream input{text};
  for (std::string line; std::getline(input, line);) {
    if (line.find(part) != std::string::npos) found.push_back(line);
  }
  return found;
}

/// The words of a text that could be a password: whatever stands between blanks and quotes.
std::vector<std::string> words(const std::string& text) {
  const std::regex word{R"([^\s"'`,;]+)"};
  std::vector<std::string> result;
  for (std::sregex_iterator match{text.begin(), text.end(), word}, end; match != end; ++match) {
    result.push_back(match->str());
    for (const char separator : {'=', ':'}) {
      const auto at = match->str().find(separator);
      if (at != std::string::npos) result.push_back(match->str().substr(at + 1));
    }
  }
  return result;
}

/// The password that the output tells, found by trying what stands on the lines around the e-mail.
std::optional<std::string> told_password(const std::string& address, const std::string& output) {
  Session http{address};
  for (const auto& word : words(output)) {
    if (word.size() < 8 || word.size() > 256 || word.find("://") != word.npos) continue;
    if (http.post("/sessions", {{"email", default_email}, {"password", word}}).status == 201) return word;
  }
  return std::nullopt;
}

TEST(FirstStart, TellsAMadeUpPasswordOnce) {
  RunningShop shop{{.environment = {}}};
  const auto output = shop.process().child().standard_output();
  EXPECT_EQ(lines_with(output, default_email).size(), 1U) << output;
  const auto password = told_password(shop.address(), output);
  ASSERT_TRUE(password) << output;
  EXPECT_EQ(shop.process().child().standard_error().find(*password), std::string::npos) << "logs are kept longer";
  auto admin = sign_in(shop.address(), default_email, *password);
  create_product(admin);

  ASSERT_EQ(shop.process().stop().code, 0);
  shop.start_again();
  EXPECT_EQ(shop.process().child().standard_output().find(default_email), std::string::npos);
  EXPECT_EQ(shop.process().child().standard_output().find(*password), std::string::npos);
  sign_in(shop.address(), default_email, *password);

  RunningShop other{{.environment = {}}};
  const auto other_password = told_password(other.address(), other.process().child().standard_output());
  EXPECT_NE(other_password, password);
}

TEST(FirstStart, TellsThreeCurlLinesThatPlaceAnOrder) {
  RunningShop shop{{.environment = {}}};
  const auto output = shop.process().child().standard_output();
  const auto lines = lines_with(output, "curl ");
  ASSERT_EQ(lines.size(), 3U) << output;
  if (std::system("command -v curl >/dev/null") != 0) GTEST_SKIP() << "there is no curl here";
  std::string script;
  for (const auto& line : lines) script += line + '\n';
  Command command;
  command.arguments = {"/bin/sh", "-c", script};
  command.folder = shop.folder();
  const auto finished = run_to_end(command);
  EXPECT_EQ(finished.exit.code, 0) << script << finished.error;
  const auto password = told_password(shop.address(), output);
  ASSERT_TRUE(password) << output;
  auto admin = sign_in(shop.address(), default_email, *password);
  EXPECT_EQ(list(admin, "/orders").size(), 1U) << script << finished.output << finished.error;
}

TEST(FirstStart, MakesTheAdminThatTheEnvironmentNamesAndKeepsItsPasswordToItself) {
  RunningShop shop;
  auto admin = shop.admin();
  create_product(admin);
  const auto printed = shop.process().child().standard_output() + shop.process().child().standard_error();
  EXPECT_EQ(printed.find(admin_password), std::string::npos);
  const Json body{{"email", default_email}, {"password", admin_password}};
  EXPECT_TRUE(is_problem(shop.anyone().post("/sessions", body), 401, "unauthenticated"));
}

TEST(FirstStart, RefusesAnAdminWhoCouldNotSignIn) {
  const TemporaryFolder folder;
  write_text(folder.path() / "topology.toml", monolith({}));
  const Environment environment{{"SHOP_ADMIN_EMAIL", "admin"}, {"SHOP_ADMIN_PASSWORD", "secret!"}};
  const auto finished = run_to_end(shop_command(folder.path(), {"run", "--topology", "topology.toml"}, environment));
  EXPECT_EQ(finished.exit.code, 1) << finished.output;
  EXPECT_NE(finished.error.find("email must be an e-mail address; password must"), std::string::npos) << finished.error;
  EXPECT_EQ(finished.error.find("secret!"), std::string::npos) << finished.error;
}

TEST(FirstStart, NeverResetsAnExistingAdmin) {
  RunningShop shop;
  ASSERT_EQ(shop.process().stop().code, 0);
  shop.options().environment = {{"SHOP_ADMIN_EMAIL", admin_email}, {"SHOP_ADMIN_PASSWORD", "another password"}};
  shop.start_again();
  const Json changed{{"email", admin_email}, {"password", "another password"}};
  EXPECT_TRUE(is_problem(shop.anyone().post("/sessions", changed), 401, "unauthenticated"));
  auto admin = shop.admin();
  create_product(admin);

  ASSERT_EQ(shop.process().stop().code, 0);
  shop.options().environment = {{"SHOP_ADMIN_EMAIL", "other@shop.test"}, {"SHOP_ADMIN_PASSWORD", "another password"}};
  shop.start_again();
  EXPECT_TRUE(has_status(shop.admin().get("/orders"), 200));
}

TEST(FirstStart, MakesUpNoAdminForAGatewayThatOthersCanReach) {
  const TemporaryFolder folder;
  write_text(folder.path() / "topology.toml", monolith({.gateway = "0.0.0.0:0"}));
  ChildProcess child{shop_command(folder.path(), {"run", "--topology", "topology.toml"}, {})};
  ASSERT_TRUE(child.wait_for_line("ready ")) << child.standard_error();
  EXPECT_EQ(child.standard_output().find(default_email), std::string::npos) << child.standard_output();
  EXPECT_NE(child.standard_output().find("SHOP_ADMIN_PASSWORD"), std::string::npos) << "how to get one";
}

}  // namespace
}  // namespace shop::testing
