// `shop data`, on the data of real nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <filesystem>
#include <optional>

#include "tests/crash/workload.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* three_nodes = "gateway | user product | order";
constexpr const char* orders_scaled = "gateway | user product | order*3";

ShopOptions in_one_process() {
  ShopOptions options;
  options.placement = {};
  return options;
}

/// A shop whose data is in one folder, whatever its topology.
class Resettled {
 public:
  RunningShop& operator*() { return shop_; }
  RunningShop* operator->() { return &shop_; }

  /// Ends it, and has the next start use this placement; the file of the last is kept as `before.toml`.
  void end_and_place(std::string_view placement) {
    EXPECT_EQ(shop_.process().stop().code, 0) << shop_.process().child().standard_error();
    fs::copy_file(shop_.folder() / "topology.toml", shop_.folder() / "before.toml",
                  fs::copy_options::overwrite_existing);
    shop_.options().placement = placement.empty() ? Placement{} : parse_placement(placement);
  }

  /// What the next start says of why it does not come about; it also writes the file of the new placement.
  std::string refusal() {
    try {
      shop_.start_again();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  Finished run(std::vector<std::string> arguments) const {
    return run_to_end(shop_command(shop_.folder(), std::move(arguments)));
  }
  Finished move() const { return run(move_arguments()); }
  Finished abandon() const {
    auto arguments = move_arguments();
    arguments.push_back("--abandon");
    return run(std::move(arguments));
  }
  Command move_command() const { return shop_command(shop_.folder(), move_arguments()); }

 private:
  static std::vector<std::string> move_arguments() {
    return {"data", "move", "--from", "before.toml", "--to", "topology.toml"};
  }

  RunningShop shop_{in_one_process()};
};

::testing::AssertionResult settles(const Workload& workload, const std::string& address) {
  Session admin{address, workload.admin_token()};
  auto result = ::testing::AssertionFailure() << "never looked";
  if (eventually([&] { return static_cast<bool>(result = workload.ledger().matches(admin)); }, std::chrono::minutes{1}))
    return ::testing::AssertionSuccess();
  return result;
}

void work(Workload& workload, const std::string& address, int calls) {
  const auto enough = workload.acknowledged() + calls;
  workload.start(address);
  EXPECT_TRUE(eventually([&] { return workload.acknowledged() >= enough; }, std::chrono::minutes{1}));
  workload.stop();
}

TEST(DataMove, KeepsEveryPromiseFromSplitToSplit) {
  Resettled shop;
  Workload workload{*shop, test_seed()};
  for (const std::string placement : {three_nodes, orders_scaled, ""}) {
    SCOPED_TRACE("to " + placement);
    work(workload, shop->address(), 150);
    shop.end_and_place(placement);
    const auto refusal = shop.refusal();
    const auto* what = placement.empty() ? "order, order_idempotency" : "of order lie in";
    EXPECT_THAT(refusal, AllOf(HasSubstr(what), HasSubstr("/data/"), HasSubstr("shop data move --from"),
                               Not(HasSubstr("ready node="))));
    const auto moved = shop.move();
    ASSERT_EQ(moved.exit.code, 0) << moved.error;
    EXPECT_THAT(moved.output, AllOf(HasSubstr("order  "), HasSubstr("moved and verified ")));
    shop->start_again();
    ASSERT_TRUE(settles(workload, shop->address()));
  }
  work(workload, shop->address(), 50);
  EXPECT_TRUE(settles(workload, shop->address()));
}

TEST(DataMove, LeavesSessionsEmailsAndIdempotencyKeysInForce) {
  Resettled shop;
  auto admin = shop->admin();
  auto user = sign_up(shop->address());
  const auto product = create_product(admin, {.stock = 10});
  const Headers key{{"Idempotency-Key", "once"}};
  const auto first = expecting(201, user.session.post("/orders", order_of({{product, 2}}), key));
  for (const char* placement : {three_nodes, ""}) {
    SCOPED_TRACE(placement);
    shop.end_and_place(placement);
    EXPECT_NE(shop.refusal(), "");
    ASSERT_EQ(shop.move().exit.code, 0);
    shop->start_again();
    Session session{shop->address(), user.session.token()};
    const auto again = session.post("/orders", order_of({{product, 2}}), key);
    EXPECT_TRUE(has_status(again, 201)) << "the token is still good";
    EXPECT_TRUE(is_replay(again));
    EXPECT_EQ(again.body, first.body);
    auto anyone = shop->anyone();
    EXPECT_EQ(units(anyone, product), (Units{8, 2}));
    const Json taken{{"email", user.email}, {"name", "Eve"}, {"password", "12345678"}};
    EXPECT_TRUE(is_problem(anyone.post("/users", taken), 409, "conflict"));
  }
}

TEST(DataMove, GoesOnAfterBeingKilled) {
  Resettled shop;
  Workload workload{*shop, test_seed()};
  work(workload, shop->address(), 200);
  for (const std::string placement : {orders_scaled, ""}) {
    SCOPED_TRACE("to " + placement);
    shop.end_and_place(placement);
    EXPECT_NE(shop.refusal(), "");
    // Longer with each try, so that the last comes to its end.
    std::optional<Exit> exit;
    for (std::chrono::milliseconds limit{2}; !exit; limit += limit / 4 + std::chrono::milliseconds{2}) {
      ChildProcess mover{shop.move_command()};
      exit = mover.wait(limit);
      if (!exit) mover.signal(SIGKILL);
      EXPECT_EQ(exit.value_or(Exit{0, 0}).code, 0) << mover.standard_error();
    }
    shop->start_again();
    ASSERT_TRUE(settles(workload, shop->address()));
  }
}

TEST(DataMove, MayBeAbandonedAfterBeingKilled) {
  Resettled shop;
  Workload workload{*shop, test_seed()};
  work(workload, shop->address(), 200);
  shop.end_and_place(orders_scaled);
  EXPECT_NE(shop.refusal(), "");
  std::size_t abandoned = 0;
  // Longer with each try, so that the last comes to its end.
  std::optional<Exit> exit;
  for (std::chrono::milliseconds limit{2}; !exit; limit += limit / 4 + std::chrono::milliseconds{2}) {
    {
      ChildProcess mover{shop.move_command()};
      exit = mover.wait(limit);
      if (!exit) mover.signal(SIGKILL);
    }
    const auto taken_back = shop.abandon();
    abandoned += taken_back.exit.code == 0 ? 1 : 0;
    if (taken_back.exit.code == 0) continue;
    ASSERT_EQ(taken_back.exit.code, 1);
    EXPECT_THAT(taken_back.error, AnyOf(HasSubstr("no move from before.toml to topology.toml was begun"),
                                        HasSubstr("can't be abandoned any more")));
  }
  EXPECT_GT(abandoned, 0U);
  EXPECT_EQ(shop.move().exit.code, 0);
  shop->start_again();
  EXPECT_TRUE(settles(workload, shop->address()));
}

TEST(DataMove, LosesNothingWhenTheDiskIsFull) {
  if (!private_mounts_possible()) GTEST_SKIP() << "this user may not mount a small disk";
  Resettled shop;
  Workload workload{*shop, test_seed()};
  work(workload, shop->address(), 200);
  shop.end_and_place("");
  auto text = monolith({});
  const auto full = shop->folder() / "full";
  fs::create_directory(full);
  write_text(shop->folder() / "full.toml", text.replace(text.find("\"data\""), 6, "\"full\""));
  auto command = shop_command(shop->folder(), {"data", "move", "--from", "before.toml", "--to", "full.toml"});
  command.mount = Mount{Mount::Kind::memory, full, "size=400k,mode=0700"};
  const auto failed = run_to_end(command);
  EXPECT_EQ(failed.exit.code, 1);
  EXPECT_THAT(failed.error, HasSubstr("free some"));
  command.mount.reset();
  const auto abandoned = shop.run({"data", "move", "--from", "before.toml", "--to", "full.toml", "--abandon"});
  ASSERT_EQ(abandoned.exit.code, 0) << abandoned.error;
  EXPECT_THAT(abandoned.output, HasSubstr("abandoned: the data is in "));
  const auto moved = run_to_end(command);
  ASSERT_EQ(moved.exit.code, 0) << moved.error;
  const auto back = shop.run({"data", "move", "--from", "full.toml", "--to", "before.toml"});
  ASSERT_EQ(back.exit.code, 0) << back.error;
  shop->start_again();
  EXPECT_TRUE(settles(workload, shop->address()));
}

TEST(DataMove, RefusesWhileANodeRuns) {
  Resettled shop;
  shop.end_and_place(three_nodes);
  EXPECT_NE(shop.refusal(), "");
  const auto split = shop->folder() / "topology.toml";
  fs::rename(split, shop->folder() / "split.toml");
  fs::copy_file(shop->folder() / "before.toml", split);
  shop->options().placement = {};
  shop->start_again();
  const auto refused = shop.run({"data", "move", "--from", "before.toml", "--to", "split.toml"});
  EXPECT_EQ(refused.exit.code, 1);
  EXPECT_THAT(refused.error, HasSubstr("in use by process"));
}

TEST(DataMove, FindsItsFilesWhereTheTopologyPutsThem) {
  Resettled shop;
  const auto product = [&] {
    auto admin = shop->admin();
    return create_product(admin);
  }();
  shop.end_and_place("");
  shop->options().settings = "[storage]\ndefault = \"sqlite:elsewhere/{node}-{protocol}.db\"\n";
  EXPECT_THAT(shop.refusal(), HasSubstr("elsewhere/main-product.db"));
  const auto moved = shop.move();
  ASSERT_EQ(moved.exit.code, 0) << moved.error;
  shop->start_again();
  EXPECT_TRUE(fs::exists(shop->folder() / "elsewhere" / "main-product.db"));
  EXPECT_EQ(shop->anyone().get("/products/" + product).status, 200);
}

TEST(DataMove, SaysWhatIsWrongWithItsFiles) {
  const TemporaryFolder folder;
  write_text(folder.path() / "topology.toml", monolith({}));
  const auto run = [&](std::vector<std::string> arguments) {
    return run_to_end(shop_command(folder.path(), std::move(arguments)));
  };
  EXPECT_EQ(run({"data", "move", "--from", "topology.toml"}).exit.code, 2);
  EXPECT_EQ(run({"data", "move", "--from", "topology.toml", "--to", "none.toml"}).exit.code, 2);
  const auto empty = run({"data", "move", "--from", "topology.toml", "--to", "topology.toml"});
  EXPECT_EQ(empty.exit.code, 1);
  EXPECT_THAT(empty.error, AllOf(HasSubstr("there is no data of node main"), HasSubstr("data/main")));
}

TEST(DataMove, RefusesWhatOthersCouldHaveWritten) {
  Resettled shop;
  shop.end_and_place(three_nodes);
  EXPECT_NE(shop.refusal(), "");
  const auto folder = shop->folder() / "data" / "main";
  fs::permissions(folder, fs::perms(0777));
  for (const auto& refused : {shop.move(), shop.run({"data", "get", "product/abc", "--topology", "before.toml"}),
                              shop.run({"up", "--topology", "before.toml"})}) {
    EXPECT_EQ(refused.exit.code, 2) << refused.error;
    EXPECT_THAT(refused.error, HasSubstr("run: chmod go-w '" + folder.string() + "'"));
  }
}

TEST(DataMove, WaitsUntilTheSecretIsReplaced) {
  const TemporaryFolder folder;
  const auto place = [&](const std::string& file, const std::string& secret) {
    write_text(folder.path() / file,
               "name = \"test\"\nsecret = " + secret +
                   "\n[nodes.edge]\nlink = \"127.0.0.1:7101\"\nhosts = [\"gateway\", \"user\", \"product\"]\n"
                   "[nodes.orders]\nlink = \"127.0.0.1:7102\"\nhosts = [\"order\"]\n");
  };
  const std::string one = '"' + std::string(43, 'A') + '"';
  const std::string other = '"' + std::string(42, 'B') + "A\"";
  place("alone.toml", one);
  place("both.toml", "[" + one + ", " + other + "]");
  const auto move = [&](const std::string& from, const std::string& to) {
    return run_to_end(shop_command(folder.path(), {"data", "move", "--from", from, "--to", to}));
  };
  for (const auto& refused : {move("alone.toml", "both.toml"), move("both.toml", "alone.toml")}) {
    EXPECT_EQ(refused.exit.code, 2);
    EXPECT_THAT(refused.error, HasSubstr("both.toml: `secret` is being replaced"));
  }
  EXPECT_EQ(move("alone.toml", "alone.toml").exit.code, 1) << "there is no data";
}

TEST(Data, OfAnotherNodeOrTopologyIsNotServed) {
  Resettled shop;
  shop.end_and_place("");
  auto text = monolith({});
  write_text(shop->folder() / "renamed.toml", text.replace(text.find("\"test\""), 6, "\"shop\""));
  const auto renamed = shop.run({"run", "--topology", "renamed.toml"});
  EXPECT_EQ(renamed.exit.code, 2);
  EXPECT_THAT(renamed.error, AllOf(HasSubstr("holds the data of node main of topology test"),
                                   HasSubstr("shop data move --from topology.toml --to renamed.toml")));
  shop->start_again();
  EXPECT_TRUE(shop->process().running());
}

TEST(DataGet, ShowsAnEntityWhileTheShopRunsAndAfterwards) {
  Resettled shop;
  auto admin = shop->admin();
  const auto product = create_product(admin, {.name = "Green tea", .stock = 7});
  const std::vector<std::string> get{"data", "get", "product/" + product, "--topology", "topology.toml"};
  for (const bool running : {true, false}) {
    SCOPED_TRACE(running);
    if (!running) shop->process().stop();
    const auto shown = shop.run(get);
    ASSERT_EQ(shown.exit.code, 0) << shown.error;
    const auto document = boost::json::parse(shown.output).as_object();
    EXPECT_EQ(document.at("protocol"), "product");
    EXPECT_EQ(document.at("key"), boost::json::value(product));
    EXPECT_EQ(document.at("node"), "main");
    EXPECT_TRUE(fs::exists(std::string(document.at("database").as_string())));
    EXPECT_LT(document.at("shard").to_number<int>(), 64);
    EXPECT_EQ(document.at("version"), 1);
    EXPECT_EQ(document.at("state").at("name"), "Green tea");
    EXPECT_EQ(document.at("state").at("free"), 7);
  }
}

TEST(DataGet, SaysWhatItCannotFind) {
  Resettled shop;
  const auto get = [&](const std::string& entity) {
    return shop.run({"data", "get", entity, "--topology", "topology.toml"});
  };
  const auto unknown = get("prodct/x");
  EXPECT_EQ(unknown.exit.code, 2);
  EXPECT_THAT(unknown.error, HasSubstr("did you mean `product`?"));
  for (const std::string& malformed :
       {std::string("product"), std::string("product/"), std::string("/x"), "product/" + std::string(301, 'x')}) {
    const auto refused = get(malformed);
    EXPECT_EQ(refused.exit.code, 2) << malformed;
    EXPECT_THAT(refused.error, HasSubstr("names no entity")) << malformed;
  }
  const auto absent = get("product/01m7ys8aame00bnz218j408955");
  EXPECT_EQ(absent.exit.code, 1);
  EXPECT_THAT(absent.error, AllOf(HasSubstr("is not in"), HasSubstr("product.db"), HasSubstr("node main")));
  EXPECT_THAT(get("product/abc").error, HasSubstr("an id has 26 characters"));
  const auto nowhere = shop.run({"data", "get", "product/abc"});
  EXPECT_EQ(nowhere.exit.code, 1) << "the built-in topology never ran here";
  EXPECT_THAT(nowhere.error, HasSubstr("is not there"));
}

}  // namespace
}  // namespace shop::testing
