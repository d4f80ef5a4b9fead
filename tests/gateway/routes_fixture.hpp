#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/engine/sweeps.hpp>
#include <troupe/gateway/routed_service.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

namespace troupe::gateway::testing {

using namespace std::chrono_literals;

// A shelf of things: enough of a domain for every rule of the gateway.
using ThingId = Id<"thing">;
using UserId = Id<"user">;

struct ThingView {
  ThingId id;
  std::string name;
  std::int64_t amount = 0;
};
struct Create {
  using Reply = ThingView;
  static constexpr auto effect = Effect::keyed;
  std::string name;
  std::int64_t amount = 0;
  static void check(Checker<Create>& c) {
    c.field(&Create::name).length(1, 20);
    c.field(&Create::amount).range(0, 100);
  }
};
struct Get {
  using Reply = ThingView;
  static constexpr auto effect = Effect::read;
};
struct Rename {
  using Reply = ThingView;
  std::string name;
  std::vector<std::string> if_match;
};
struct Add {
  using Reply = ThingView;
  std::int64_t delta = 0;
};
struct Touch {
  using Reply = ThingView;
};
struct Remove {
  using Reply = Done;
};
struct Fail {
  using Reply = Done;
  std::string how;
};
struct List {
  using Reply = Page<ThingView>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
  std::uint32_t limit = 50;
  std::optional<std::string> name;
  std::optional<UserId> user_id;
  static void check(Checker<List>& c) { c.field(&List::limit).range(1, 200); }
};
struct Echoed {
  std::string text;
  std::string role;
};
struct Echo {
  std::string text;
};
using Api = Protocol<"thing", Create, Get, Rename, Add, Touch, Remove, Fail, List>;

/// Sends requests to a RoutedService on virtual time, without sockets.
class RoutesTest : public ::testing::Test {
 protected:
  struct Asked {
    http::Method method = http::Method::get;
    std::string target;
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
  };
  struct Pending;
  using PendingPtr = std::shared_ptr<Pending>;

  RoutesTest();
  ~RoutesTest() override;

  /// Has another gateway take the requests from now on, with these.
  void use_secrets(IdempotencySecrets secrets);

  PendingPtr begin(Asked asked);
  http::Response end(const PendingPtr& pending);
  http::Response send(Asked asked) { return end(begin(std::move(asked))); }

  http::Response get(std::string target, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return send({http::Method::get, std::move(target), {}, std::move(headers)});
  }
  http::Response post(std::string target, std::string body,
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return send({http::Method::post, std::move(target), std::move(body), std::move(headers)});
  }

  std::pair<std::string, std::string> token(Uuid user, std::string role);
  std::pair<std::string, std::string> admin() { return token({9, 9}, "admin"); }
  std::pair<std::string, std::string> customer() { return token({1, 2}, "customer"); }
  std::string create(std::string name = "lamp");

  static std::string header(const http::Response& response, std::string_view name) {
    return std::string(response.headers.find(name).value_or(""));
  }
  static bool is_problem(const http::Response& response, std::uint16_t status, std::string_view code);

  loop::Simulation world{11};
  engine::ScriptedStore things{world.workers()};
  engine::ScriptedStore keys{world.workers()};
  struct Reports;
  std::unique_ptr<Reports> reports;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<engine::Sweeps> sweeps;
  std::shared_ptr<const RouteTable> table;
  std::shared_ptr<const TokenSigner> signer;
  std::unique_ptr<RoutedService> service;
  std::vector<std::string> told;  ///< to the operator
  std::shared_ptr<bool> things_cannot_be_made = std::make_shared<bool>(false);
  bool session_holds = true;
  bool authenticator_throws = false;
};

}  // namespace troupe::gateway::testing
