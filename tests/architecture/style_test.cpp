// What a formatter and clang-tidy do not see of the style that CONTRIBUTING.md asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>

#include "tests/architecture/source_tree.hpp"

namespace troupe::architecture {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Ban {
  std::string files;    // a regular expression over the path
  std::string pattern;  // over the code, or over the comments too
  enum class Sees { code, everything } sees = Sees::code;
  std::string why;
};

const std::vector<Ban>& bans() {
  using Sees = Ban::Sees;
  static const std::vector<Ban> all{
      {R"(\.hpp$)", R"(\busing\s+namespace\s+(?!std::(\w+::)*\w*literals))", Sees::code,
       "a header opens no namespace for those who include it"},
      {".*", R"(#\s*define\s+(?!TOML_))", Sees::code, "no macros of our own"},
      {".*", R"(\b(TODO|FIXME|XXX)\b)", Sees::everything, "finish it, or open an issue"},
      {R"(^(runtime|actors|apps)/)", R"(\bassert\s*\(\s*false)", Sees::code,
       "throw, so that release builds see it too"},
      {R"(^(runtime|actors|apps)/)", R"(\bcatch\s*\(\s*\.\.\.\s*\)\s*\{\s*\})", Sees::everything,
       "no failure without an answer"},
  };
  return all;
}

/// A name that gave way to one that readers know from elsewhere, in the folders below `path`.
struct RetiredWord {
  std::string_view word;
  std::string_view instead;
  std::string_view path = "";
};

constexpr RetiredWord retired_words[] = {
    {"Stage", "by what it is a stage of, such as CommitPoint", "runtime/"},
    {"Lane", "by what it carries, such as DeliveryQueue", "runtime/"},
    {"Letter", "TypedEnvelope"},
    {"AskLetter", "AskEnvelope"},
    {"Resident", "Activation"},
    {"doomed", "Phase::leaving", "runtime/"},
    {"turn_left", "on_turn_finished"},
    {"Waiting", "PendingRequests"},
    {"Remote", "RemoteEntities", "runtime/engine/"},
    {"Reach", "Extent", "runtime/engine/"},
    {"Reach", "Extent", "runtime/contract/"},
    {"Reach", "Extent", "runtime/actor/"},
    {"Headers", "EnvelopeHeader", "runtime/contract/"},
    {"Verdict", "CommitOutcome", "runtime/storage/"},
    {"WriteLane", "CommitQueue"},
    {"ReadLane", "ReadQueue"},
    {"Upkeep", "Maintenance"},
    {"Ticket", "CancellationToken", "runtime/"},
    {"NewestId", "HighWaterMark"},
    {"log_disk", "wal_vfs"},
    {"Place", "ProtocolDatabase", "runtime/storage/"},
    {"NodePlaces", "NodeLayout"},
    {"RecordedPlace", "RecordedDatabase"},
    {"Hosting", "Deployment"},
    {"RollCall", "AskEveryLoop"},
    {"FirstAnswers", "DependencyProbe"},
    {"Reach", "Locality", "runtime/topology/"},
    {"Backoff", "BackoffRange", "runtime/topology/"},
    {"Moment", "TomlDateTime", "runtime/topology/"},
    {"Spot", "KeyPath", "runtime/topology/"},
    {"NodeForm", "NodeKind", "runtime/topology/"},
    {"Question", "ClientCall", "runtime/"},
    {"Heard", "HttpGetResult", "runtime/"},
    {"StatusForm", "StatusFormat"},
    {"LineCutter", "LineSplitter"},
    {"Ending", "ExitStatus", "runtime/cli/"},
    {"Birth", "ChildSetup", "runtime/cli/"},
    {"Fleet", "ProcessSupervisor"},
    {"FleetMember", "ChildSpec"},
    {"Crew", "Child"},
    {"StopTurn", "StopPhase"},
    {"PatientOutput", "NonBlockingOutput"},
    {"PeerLanes", "LoopPeer"},
    {"Core", "NodeLinks", "runtime/transport/"},
    {"Roster", "PeerRegistry"},
    {"Pulse", "FailureDetector"},
    {"Greeting", "Handshake"},
    {"DialerGreeting", "DialerHandshake"},
    {"AcceptorGreeting", "AcceptorHandshake"},
    {"Greeter", "HandshakeSession"},
    {"Agreement", "HandshakeResult", "runtime/transport/"},
    {"Agreement", "Negotiation", "runtime/cluster/"},
    {"Manner", "NegotiatedEncoding", "runtime/cluster/"},
    {"Remote", "PeerInfo", "runtime/transport/"},
    {"Reach", "Proximity", "runtime/transport/"},
    {"Locality", "Proximity", "runtime/transport/"},
    {"AnswerForm", "AnswerFraming"},
    {"HeldFrames", "FrameQueue"},
    {"Inbound", "ReceiveBuffer"},
    {"Outbound", "SendQueue"},
    {"Sent", "SendResult", "runtime/transport/"},
    {"MemoryWire", "MemoryConnection"},
    {"MemoryWeather", "MemoryConditions"},
    {"Conversation", "LinkSession"},
    {"Gathering", "ScatterGather"},
    {"ask_form", "ask_codec"},
    {"call_form", "call_codec"},
    {"state_form", "state_codec"},
    {"protocol_form", "protocol_schema"},
    {"ProtocolForm", "ProtocolSchema"},
    {"Stage", "ScenarioDriver", "tests/testing/"},
    {"Weather", "NetworkFaults", "runtime/testing/"},
    {"Reports", "ReportCollector", "runtime/testing/"},
    {"believe", "trust_token", "runtime/testing/"},
    {"Rest", "DetachedEntity", "runtime/testing/"},
    {"Twice", "DoubleDelivery"},
    {"Ground", "SimulatedMachine"},
    {"SimulatedDomain", "World"},
    {"free_address", "reserve_address"},
    {"barred", "refusal_unless", "actors/"},
    {"reach", "transition_to", "actors/"},
    {"hand_over", "ship_out", "actors/"},
    {"hand_over", "by what is handed to whom, such as give_input", "runtime/"},
    {"TextForm", "TextCodec"},
    {"HasTextForm", "HasTextCodec"},
    {"TypeForm", "TypeShape"},
    {"IndexForm", "IndexTraits"},
    {"Optionless", "IndexedValue"},
    {"KeyKeeper", "IdempotencyKeeper"},
    {"KeyKeeping", "IdempotencyParts"},
    {"keeps_keys", "keeps_idempotency_keys"},
    {"fold", "casefold", "actors/"},
    {"fold", "casefold", "tests/actors/"},
    {"retire", "leave_tombstone", "actors/"},
    {"Verdict", "ClaimResult or LeaveResult", "actors/user/"},
};

void find_retired_words(const SourceFile& file, const std::string& code, std::vector<std::string>& findings) {
  const auto is_word = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  std::ptrdiff_t line = 1;
  for (auto begin = code.begin(); begin != code.end();) {
    const auto end = std::find_if_not(begin, code.end(), is_word);
    const std::string_view word(begin, end);
    for (const auto& retired : retired_words) {
      if (word != retired.word || !file.path.starts_with(retired.path)) continue;
      findings.push_back(file.path + ":" + std::to_string(line) + ": " + std::string(word) + " is called " +
                         std::string(retired.instead));
    }
    begin = std::find_if(end, code.end(), is_word);
    line += std::count(end, begin, '\n');
  }
}

std::vector<std::string> style_findings(const std::vector<SourceFile>& files) {
  static const std::regex homeless(R"((^|/)(\w*_)?(util|utils|utility|common|helper|helpers|misc)(/|\.|_))");
  static const std::regex snake_case(R"([a-z0-9_/]+\.[ch]pp)");
  std::vector<std::string> findings;
  for (const auto& file : files) {
    if (std::regex_search(file.path, homeless)) findings.push_back(file.path + ": name it after what it is");
    if (!std::regex_match(file.path, snake_case)) findings.push_back(file.path + ": file names are snake_case");
    const auto code = code_of(file.text);
    if (file.path.ends_with(".hpp") && code.find("#pragma once") == std::string::npos) {
      findings.push_back(file.path + ": a header begins with #pragma once");
    }
    find_retired_words(file, code, findings);
    for (const auto& ban : bans()) {
      if (!std::regex_search(file.path, std::regex(ban.files))) continue;
      const auto& text = ban.sees == Ban::Sees::code ? code : file.text;
      const std::regex pattern(ban.pattern);
      for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
        const auto line = 1 + std::count(text.begin(), text.begin() + match->position(), '\n');
        findings.push_back(file.path + ":" + std::to_string(line) + ": " + ban.why);
      }
    }
  }
  return findings;
}

TEST(Style, HoldsInThisTree) {
  auto files = read_source_tree(TROUPE_SOURCE_TREE);
  std::erase_if(files, [](const auto& file) { return file.path == "tests/architecture/style_test.cpp"; });
  std::string lines;
  for (const auto& finding : style_findings(files)) lines += finding + "\n";
  EXPECT_TRUE(lines.empty()) << lines;
}

TEST(Style, RefusesEachThingThatIsBanned) {
  EXPECT_THAT(
      style_findings({{"runtime/wire/a.hpp", "#pragma once\nusing namespace std;\n#define A 1\n"},
                      {"runtime/wire/b.hpp", "// TODO later\n"},
                      {"runtime/wire/string_util.cpp", ""},
                      {"runtime/common/c.cpp", ""},
                      {"runtime/wire/D.cpp", "void f() { try { g(); } catch (...) {\n} }"}}),
      ElementsAre("runtime/wire/a.hpp:2: a header opens no namespace for those who include it",
                  "runtime/wire/a.hpp:3: no macros of our own", "runtime/wire/b.hpp: a header begins with #pragma once",
                  "runtime/wire/b.hpp:1: finish it, or open an issue",
                  "runtime/wire/string_util.cpp: name it after what it is",
                  "runtime/common/c.cpp: name it after what it is", "runtime/wire/D.cpp: file names are snake_case",
                  "runtime/wire/D.cpp:1: no failure without an answer"));
}

TEST(Style, RefusesANameThatGaveWayToAnother) {
  EXPECT_THAT(style_findings({{"runtime/node/a.cpp", "\nHosting hosting;\n// Hosting\nauto a = MyHosting();\n"},
                              {"tests/engine/b.cpp", "Ticket ticket;\n"}}),
              ElementsAre("runtime/node/a.cpp:2: Hosting is called Deployment"));
}

TEST(Style, AcceptsPlainCode) {
  EXPECT_THAT(style_findings({{"runtime/wire/a.hpp", "#pragma once\n\nnamespace troupe {}\n"}}), IsEmpty());
}

}  // namespace
}  // namespace troupe::architecture
