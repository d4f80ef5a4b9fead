// The architecture as a test: who may include whom, which folder is a library's home, who may touch what is not
// deterministic. The rules are in rules.cpp; the tests on made-up trees show that each of them can fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/architecture/checker.hpp"

namespace troupe::architecture {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string as_lines(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding + "\n";
  return text;
}

TEST(Architecture, HoldsInThisTree) {
  const auto files = read_source_tree(TROUPE_SOURCE_TREE);
  ASSERT_GT(files.size(), 20U) << "the tree was not read";
  const auto findings = check_tree(files, rules());
  EXPECT_TRUE(findings.empty()) << as_lines(findings);
}

TEST(Architecture, PermitsNothingThatIsNotUsed) {
  const auto findings = check_use(read_source_tree(TROUPE_SOURCE_TREE), rules());
  EXPECT_TRUE(findings.empty()) << as_lines(findings);
}

TEST(Architecture, KeepsFoldersAndFilesToASizeThatAReaderTakesIn) {
  const auto findings = check_sizes(read_source_tree(TROUPE_SOURCE_TREE), rules().sizes);
  EXPECT_TRUE(findings.empty()) << as_lines(findings);
}

TEST(Architecture, AllowsOnlyArrowsDown) { EXPECT_THAT(check_rules(rules()), IsEmpty()); }

TEST(Architecture, RefusesRulesThatPointUp) {
  const Rules circle{.rooms = {{"a", {"b"}}, {"b", {"a"}}}, .libraries = {}, .privileges = {}};
  EXPECT_THAT(check_rules(circle), ElementsAre("a allows b, which is no row above it"));
}

TEST(Architecture, NamesEachPermissionThatNothingUses) {
  const Rules generous{
      .rooms = {{"runtime/a", {}}, {"runtime/b", {}}, {"runtime/c", {"runtime/a", "runtime/b"}}},
      .libraries = {{"caf/", {"runtime/a", "runtime/b"}}},
      .privileges = {{"reads the clock", R"(\bnow\()", {"runtime/a", "runtime/b"}, "take it as a parameter"}},
  };
  EXPECT_THAT(check_use({{"runtime/a/a.hpp", "#include <caf/all.hpp>\nauto t = now();\n"},
                         {"runtime/b/b.hpp", "// #include <caf/all.hpp>, now()\n"},
                         {"runtime/c/c.cpp", "#include <troupe/a/a.hpp>\n#include <troupe/c/c.hpp>\n"}},
                        generous),
              ElementsAre(StartsWith("runtime/c may include runtime/b, and nothing does"),
                          StartsWith("runtime/b may include <caf/...>"),
                          StartsWith("in runtime/b code may be what reads the clock")));
}

TEST(Architecture, SeesThatARoomWithinARoomIsUsed) {
  const Rules rules{.rooms = {{"runtime/a/b", {}}, {"runtime/a", {"runtime/a/b"}}}, .libraries = {}, .privileges = {}};
  EXPECT_THAT(check_use({{"runtime/a/a.cpp", "#include <troupe/a/b/b.hpp>\n"}}, rules), IsEmpty());
  EXPECT_THAT(check_use({{"runtime/a/a.cpp", "#include <troupe/a/c.hpp>\n"}}, rules),
              ElementsAre(StartsWith("runtime/a may include runtime/a/b")));
}

TEST(Architecture, RefusesWhatIsTooLargeWithoutAReason) {
  const Sizes sizes{.sources_in_a_folder = 1,
                    .larger_folders = {{"a/big", "why"}, {"a/small", "why"}},
                    .lines_in_a_file = 2,
                    .longer_files = {{"a/big/long.cpp", "why"}, {"a/gone.cpp", "why"}}};
  EXPECT_THAT(
      check_sizes({{"a/big/long.cpp", "\n\n\n"},
                   {"a/big/b.cpp", ""},
                   {"a/c.cpp", "\n\n\n"},
                   {"a/d.cpp", ""},
                   {"a/small/e.cpp", "\n\n"}},
                  sizes),
      ElementsAre(StartsWith("a: has 2 sources, more than 1"), StartsWith("a/small: needs no exception"),
                  StartsWith("a/c.cpp: has 3 lines, more than 2"), StartsWith("a/gone.cpp: needs no exception")));
}

std::vector<Finding> check(const std::vector<SourceFile>& files) { return check_tree(files, rules()); }

TEST(Architecture, AcceptsADomainThatKeepsToItsOwn) {
  EXPECT_THAT(check({
                  {"actors/order/order.cpp",
                   "#include \"actors/order/detail/line.hpp\"\n#include \"actors/product/api.hpp\"\n"
                   "#include <troupe/actor.hpp>\n#include <vector>\n"},
                  {"actors/order/detail/line.hpp", ""},
                  {"actors/product/api.hpp", "#include <troupe/gateway/routes.hpp>\n"},
                  {"runtime/actor.hpp", "#include <troupe/contract/key.hpp>\n"},
                  {"runtime/contract/key.hpp", ""},
                  {"runtime/gateway/routes.hpp", ""},
              }),
              IsEmpty());
}

TEST(Architecture, KeepsTheEnginesContractFromDomains) {
  EXPECT_THAT(check({{"actors/order/order.cpp", "#include <troupe/contract/envelope.hpp>\n"},
                     {"runtime/contract/envelope.hpp", ""}}),
              ElementsAre(HasSubstr("actors/order may not include runtime/contract/envelope.hpp")));
}

TEST(Architecture, NamesFileLineAndWhatIsAllowedWhenAnArrowPointsUp) {
  EXPECT_THAT(check({{"runtime/actor/ref.hpp", "#pragma once\n\n#include <troupe/loop/loop.hpp>\n"},
                     {"runtime/loop/loop.hpp", ""}}),
              ElementsAre("runtime/actor/ref.hpp:3: runtime/actor may not include runtime/loop/loop.hpp; "
                          "it may include runtime/contract, runtime/wire"));
}

TEST(Architecture, KeepsTheRuntimeFreeOfDomains) {
  EXPECT_THAT(check({{"runtime/http/server.cpp", "#include \"actors/user/api.hpp\"\n"}, {"actors/user/api.hpp", ""}}),
              ElementsAre(StartsWith("runtime/http/server.cpp:1: runtime/http may not include actors/user/")));
}

TEST(Architecture, ShowsADomainToOthersOnlyByItsApi) {
  EXPECT_THAT(check({{"actors/order/order.cpp", "#include \"actors/product/product.hpp\"\n"},
                     {"actors/product/product.hpp", ""}}),
              ElementsAre(HasSubstr("actors/order may not include actors/product/product.hpp")));
}

TEST(Architecture, KeepsSharedWordsFreeOfDomains) {
  EXPECT_THAT(check({{"actors/money.hpp", "#include \"actors/order/api.hpp\"\n"},
                     {"actors/order/api.hpp", "#include \"actors/money.hpp\"\n"}}),
              ElementsAre(HasSubstr("actors may not include actors/order/api.hpp")));
}

TEST(Architecture, ShowsDomainsOfTheGatewayOnlyItsRoutes) {
  EXPECT_THAT(
      check({{"actors/order/routes.hpp", "#include <troupe/http/server.hpp>\n"}, {"runtime/http/server.hpp", ""}}),
      ElementsAre(HasSubstr("may not include runtime/http/server.hpp")));
}

TEST(Architecture, KeepsDetailsInTheirFolder) {
  EXPECT_THAT(check({{"runtime/engine/shard.cpp", "#include <troupe/wire/detail/spelling.hpp>\n"},
                     {"runtime/wire/detail/spelling.hpp", ""}}),
              ElementsAre(HasSubstr("runtime/wire/detail/spelling.hpp is a detail of its own folder")));
}

TEST(Architecture, RefusesAFolderThatTheTableDoesNotKnow) {
  EXPECT_THAT(check({{"runtime/cache/cache.hpp", ""}, {"runtime/loose.hpp", ""}}),
              ElementsAre(AllOf(StartsWith("runtime/cache/cache.hpp:1: "), HasSubstr("no folder")),
                          StartsWith("runtime/loose.hpp:1: lies in no folder")));
}

TEST(Architecture, RefusesAnIncludeThatIsNotNamedFromTheRoot) {
  EXPECT_THAT(check({{"runtime/wire/json.cpp", "#include \"json.hpp\"\n"}, {"runtime/wire/json.hpp", ""}}),
              ElementsAre(HasSubstr("which is no file here; name it from the checkout's root")));
}

TEST(Architecture, SpellsTheLibraryAsItsUsersDo) {
  EXPECT_THAT(
      check({{"runtime/engine/shard.cpp",
              "#include <troupe/wire/json.hpp>\n#include \"runtime/wire/json.hpp\"\n#include <troupe/no.hpp>\n"},
             {"runtime/wire/json.hpp", ""}}),
      ElementsAre(AllOf(StartsWith("runtime/engine/shard.cpp:2: "), HasSubstr("<troupe/wire/json.hpp>")),
                  AllOf(StartsWith("runtime/engine/shard.cpp:3: "), HasSubstr("no file here"))));
}

TEST(Architecture, LetsATestKeepASmallCheckoutBelowIt) {
  EXPECT_THAT(check({{"tests/testing/tutorial/actors/wish/wish.cpp", "#include \"actors/wish/api.hpp\"\n"},
                     {"tests/testing/tutorial/actors/wish/api.hpp", ""}}),
              IsEmpty());
}

TEST(Architecture, KeepsALibraryInItsHome) {
  EXPECT_THAT(check({{"runtime/actor/ref.hpp", "#include <caf/all.hpp>\n"},
                     {"runtime/wire/json.cpp", "#include <boost/json/value.hpp>\n#include <nlohmann/json.hpp>\n"}}),
              ElementsAre("runtime/actor/ref.hpp:1: <caf/all.hpp> has its home in runtime/engine",
                          HasSubstr("<nlohmann/json.hpp> is a library's that the table does not know")));
}

TEST(Architecture, KeepsClockThreadsChanceAndEnvironmentInTheirHomes) {
  EXPECT_THAT(check({{"runtime/storage/store.cpp",
                      "auto t = std::chrono::steady_clock::now();\nstd::thread worker;\nstd::random_device seed;\n"
                      "auto home = std::getenv(\"HOME\");\n"},
                     {"runtime/loop/clock.cpp", "auto t = std::chrono::steady_clock::now();\n"},
                     {"runtime/cli/load_topology.cpp", "auto home = std::getenv(\"HOME\");\n"}}),
              ElementsAre(StartsWith("runtime/storage/store.cpp:1: reads the clock (steady_clock::now()"),
                          StartsWith("runtime/storage/store.cpp:2: starts or holds a thread"),
                          StartsWith("runtime/storage/store.cpp:3: draws random numbers"),
                          StartsWith("runtime/storage/store.cpp:4: reads the environment")));
}

TEST(Architecture, ReadsCodeOnlyNotCommentsOrStrings) {
  EXPECT_THAT(check({{"runtime/wire/json.cpp",
                      "// #include <caf/all.hpp>\n/*\n#include <caf/all.hpp>\n*/\n"
                      "auto a = \"std::thread\"; auto b = R\"(rand() \" rand())\"; int c = 1'000; char d = '\"';\n"
                      "int operand(int); int e = operand(c); int f = loop.random();\n"}}),
              IsEmpty());
}

TEST(Architecture, SeesCodeBehindALiteral) {
  EXPECT_THAT(check({{"runtime/wire/json.cpp", "char a = '\"'; auto b = 1'000'000; int c = rand();\n"}}),
              ElementsAre(HasSubstr("draws random numbers")));
}

}  // namespace
}  // namespace troupe::architecture
