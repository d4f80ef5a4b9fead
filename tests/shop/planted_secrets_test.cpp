// Passwords and cards are planted in every request that takes one, and then looked for wherever a shop leaves anything.

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/hex.hpp>
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

namespace fs = std::filesystem;

const std::string planted = "planted-Tr0ub4dor-and-3";
const std::string later = "planted-too-Tr0ub4dor-and-4";
const std::string broken_card = "42424242-planted";
constexpr const char* good_card = "4242424242424242";
constexpr const char* declined_card = "4000000000000002";

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A secret as it stands, and as somebody may have coded it.
std::vector<std::string> spellings(const std::string& secret) {
  const auto* bytes = reinterpret_cast<const std::byte*>(secret.data());
  std::string hex;
  troupe::append_hex(hex, {reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size()});
  return {secret, troupe::to_base64url(troupe::Bytes(bytes, bytes + secret.size())), hex};
}

std::vector<std::string> all_spellings() {
  std::vector<std::string> all;
  for (const std::string& secret : {planted, later, broken_card, std::string(good_card), std::string(declined_card)}) {
    for (auto& spelling : spellings(secret)) all.push_back(std::move(spelling));
  }
  return all;
}

class PlantedSecrets : public ::testing::TestWithParam<const char*> {
 protected:
  /// Also where something is wrong with them.
  void plant(RunningShop& shop) {
    auto anyone = shop.anyone();
    const auto email = unused_email();
    const Json ada{{"email", email}, {"name", "Ada"}, {"password", planted}};
    keep(expecting(201, anyone.post("/users", ada, {{"Idempotency-Key", "planted-1"}})));
    keep(anyone.post("/users", ada));
    keep(anyone.post("/users", {{"email", planted}, {"name", ""}, {"password", planted}, {"more", planted}}));
    keep(anyone.post("/users", {{"email", email}, {"name", "Ada"}, {"password", {{"it", planted}}}}));
    keep(anyone.post("/sessions", {{"email", email}, {"password", later}}));
    keep(anyone.post("/sessions", {{"email", email}, {"password", planted + "\"\\\n"}}));
    auto session = sign_in(shop.address(), email, planted);
    const auto id = text(
        expecting(201, anyone.post("/sessions", {{"email", email}, {"password", planted}})).json().at("user"), "id");
    keep(session.put("/users/" + id, {{"email", email}, {"name", "Ada"}, {"password", later}}));
    auto user = sign_in(shop.address(), email, later);
    auto admin = shop.admin();
    const auto order = place(user, {{create_product(admin), 1}});
    const auto pay = [&](const std::string& card) {
      keep(user.post("/orders/" + order + "/payment", {{"card", card}},
                     {{"Idempotency-Key", "pay-" + std::to_string(card.size())}}));
    };
    pay(broken_card);
    pay(declined_card);
    pay(good_card);
  }
  void keep(const Answer& answer) { said_ += answer.body + '\n'; }
  void look_at(const std::string& where, const std::string& what) const {
    for (const auto& spelling : all_spellings())
      EXPECT_EQ(what.find(spelling), std::string::npos) << spelling << " in " << where;
  }

  std::string said_;
};

TEST_P(PlantedSecrets, AreNowhereInDataLogsAndAnswers) {
  RunningShop shop{{.placement = parse_placement(GetParam())}};
  plant(shop);
  Session admin{shop.process().admin()};
  for (const char* path : {"/status", "/metrics", "/readyz", "/dead-letters", "/"}) keep(admin.get(path));
  look_at("answers", said_);
  EXPECT_EQ(shop.process().stop().code, 0);
  auto& child = shop.process().child();
  child.wait_for_end_of_outputs();
  look_at("standard output", child.standard_output());
  look_at("the log", child.standard_error());
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(shop.folder() / "data")) {
    if (!entry.is_regular_file()) continue;
    look_at(entry.path(), content_of(entry.path()));
    ++files;
  }
  EXPECT_GE(files, 6U);
}

INSTANTIATE_TEST_SUITE_P(All, PlantedSecrets,
                         ::testing::Values("gateway user product order", "gateway | user product | order"),
                         [](const auto& info) { return info.index == 0 ? "AsOneNode" : "AsThree"; });

#ifndef TROUPE_SANITIZED
/// Whether this system lets us look: a hardened one refuses, also to whoever started the process.
bool can_read_memory(pid_t process) {
  const auto folder = fs::path("/proc") / std::to_string(process);
  std::istringstream maps(content_of(folder / "maps"));
  std::ifstream memory(folder / "mem", std::ios::binary);
  std::uint64_t begin = 0;
  maps >> std::hex >> begin;
  memory.seekg(static_cast<std::streamoff>(begin));
  return maps && memory.get() != std::ifstream::traits_type::eof();
}

/// Where a process has this text in its memory.
std::size_t times_in_memory(pid_t process, const std::string& text) {
  const auto folder = fs::path("/proc") / std::to_string(process);
  std::istringstream maps(content_of(folder / "maps"));
  std::ifstream memory(folder / "mem", std::ios::binary);
  std::size_t times = 0;
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx rw", &begin, &end) != 2 || line.find(" rw") == std::string::npos) continue;
    std::string octets(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(octets.data(), static_cast<std::streamsize>(octets.size()));
    octets.resize(static_cast<std::size_t>(memory.gcount()));
    for (auto at = octets.find(text); at != std::string::npos; at = octets.find(text, at + 1)) ++times;
  }
  return times;
}

TEST(PlantedSecret, IsNotKeptInMemory) {
  RunningShop shop{{.placement = {}}};
  const auto email = unused_email();
  auto anyone = shop.anyone();
  expecting(201, anyone.post("/users", {{"email", email}, {"name", "Ada"}, {"password", planted}}));
  expecting(201, anyone.post("/sessions", {{"email", email}, {"password", planted}}));
  EXPECT_TRUE(has_status(anyone.post("/sessions", {{"email", email}, {"password", planted + "\\n\""}}), 401));
  EXPECT_TRUE(has_status(anyone.post("/nowhere", {{"email", email}, {"password", planted}}), 404));
  EXPECT_TRUE(has_status(anyone.put("/sessions", {{"email", email}, {"password", planted}}), 405));
  const pid_t process = shop.process().child().pid();
  if (!can_read_memory(process)) GTEST_SKIP() << "no process reads another's memory here";
  ASSERT_GT(times_in_memory(process, email), 0U) << "memory can be looked at";
  // What a turn held goes with its frame, a moment after the answer.
  EXPECT_TRUE(eventually([&] { return times_in_memory(process, planted) == 0; })) << times_in_memory(process, planted);
}
#endif

}  // namespace
}  // namespace shop::testing
