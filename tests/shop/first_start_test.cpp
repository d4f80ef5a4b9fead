#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <filesystem>
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

TEST(FirstStart, TakesSecretsFromFiles) {
  const TemporaryFolder secrets;
  write_text(secrets.path() / "password", std::string(admin_password) + "\n");
  std::filesystem::permissions(secrets.path() / "password", std::filesystem::perms(0644));  // whatever the umask
  const auto path = (secrets.path() / "password").string();
  RunningShop shop{{.environment = {{"SHOP_ADMIN_EMAIL", admin_email}, {"SHOP_ADMIN_PASSWORD_FILE", path}}}};
  auto admin = shop.admin();
  create_product(admin);

  const Environment missing{{"SHOP_ADMIN_EMAIL", admin_email}, {"SHOP_ADMIN_PASSWORD_FILE", path + "s"}};
  const auto refused = run_to_end(shop_command(shop.folder(), {"run", "--topology", "topology.toml"}, missing));
  EXPECT_EQ(refused.exit.code, 2);
  EXPECT_EQ(refused.error, "SHOP_ADMIN_PASSWORD_FILE: '" + path + "s' can't be read: No such file or directory\n");
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

TEST(FirstStart, NamesTheVariableThatMakesNoAdmin) {
  const std::string email = "SHOP_ADMIN_EMAIL";
  const std::string password = "SHOP_ADMIN_PASSWORD";
  struct Case {
    Environment environment;
    std::vector<std::string> named;
  };
  const std::vector<Case> cases{
      {{{email, admin_email}}, {email, password}},
      {{{password, admin_password}}, {email, password}},
      {{{email, ""}, {password, admin_password}}, {email}},
      {{{email, "root"}, {password, admin_password}}, {email}},
      {{{email, admin_email}, {password, ""}}, {password}},
      {{{email, admin_email}, {password, "hunter2"}}, {password}},
      {{{email, "root"}, {password, std::string(257, 'p')}}, {email, password}},
  };
  for (const auto& [environment, named] : cases) {
    const TemporaryFolder folder;
    write_text(folder.path() / "topology.toml", monolith({}));
    const auto ended = run_to_end(shop_command(folder.path(), {"run", "--topology", "topology.toml"}, environment));
    EXPECT_EQ(ended.exit.code, 2) << ended.error;
    for (const auto& variable : {email, password}) {
      const bool expected = std::find(named.begin(), named.end(), variable) != named.end();
      EXPECT_EQ(ended.error.find(variable) != std::string::npos, expected) << variable << " in: " << ended.error;
    }
    EXPECT_EQ(ended.error.find("hunter2"), std::string::npos) << "a secret stays out of the logs";
  }
}

TEST(FirstStart, AsksForAnAdminWhereOthersCanReachTheGateway) {
  const TemporaryFolder folder;
  write_text(folder.path() / "topology.toml", monolith({.gateway = "0.0.0.0:0"}));
  ChildProcess child{shop_command(folder.path(), {"run", "--topology", "topology.toml"}, {})};
  const auto ready = child.wait_for_line("ready ");
  ASSERT_TRUE(ready) << child.standard_error();
  EXPECT_EQ(child.standard_output().find(default_email), std::string::npos) << child.standard_output();
  EXPECT_NE(child.standard_output().find("no administrator"), std::string::npos) << child.standard_output();
  child.signal(SIGTERM);
  ASSERT_TRUE(child.wait());

  ChildProcess next{shop_command(folder.path(), {"run", "--topology", "topology.toml"}, with_admin())};
  ASSERT_TRUE(next.wait_for_line("ready ")) << next.standard_error();
  next.signal(SIGTERM);
  ASSERT_TRUE(next.wait());

  ChildProcess last{shop_command(folder.path(), {"run", "--topology", "topology.toml"}, {})};
  ASSERT_TRUE(last.wait_for_line("ready ")) << last.standard_error();
  EXPECT_EQ(last.standard_output().find("no administrator"), std::string::npos) << last.standard_output();
}

}  // namespace
}  // namespace shop::testing
