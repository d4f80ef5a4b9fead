#include "tests/gateway/routes_fixture.hpp"

namespace troupe::gateway::testing {
namespace {

struct ThingState {
  std::string name;
  std::int64_t amount = 0;
};

class Thing : public Entity<Api, ThingState> {
 public:
  explicit Thing(std::shared_ptr<const bool> cannot_be_made) {
    if (*cannot_be_made) throw std::runtime_error("secret inside");
  }
  Task<ThingView> on(Create m) {
    edit() = {m.name, m.amount};
    co_return view();
  }
  Task<ThingView> on(Get) const {
    if (!exists()) co_return Rejected{"not_found", "no such thing"};
    co_return view();
  }
  Task<ThingView> on(Rename m) {
    if (!exists()) co_return Rejected{"not_found", "no such thing"};
    if (!etag_matches(m.if_match, etag(view()))) co_return Rejected{"precondition_failed", "it has changed"};
    edit().name = m.name;
    co_return view();
  }
  Task<ThingView> on(Add m) {
    if (!exists()) co_return Rejected{"not_found", "no such thing"};
    if (state().amount + m.delta < 0) co_return Rejected{"sold_out", "too few are left"};
    edit().amount += m.delta;
    co_return view();
  }
  Task<ThingView> on(Touch) { co_return view(); }
  Task<Done> on(Remove) {
    if (!exists()) co_return Rejected{"not_found", "no such thing"};
    erase();
    co_return Done{};
  }
  Task<Done> on(Fail m) {
    if (m.how == "crash") throw std::runtime_error("secret inside");
    if (m.how == "slow") co_await pause(Duration(1h));
    if (m.how == "busy") co_return Failure(Failure::Kind::not_executed, "overloaded", "secret inside");
    if (m.how == "away") co_return Failure(Failure::Kind::not_executed, "unavailable", "secret inside");
    if (m.how == "lost") co_return Failure(Failure::Kind::unknown, "commit_unknown", "secret inside");
    if (m.how == "faulty") co_return Rejected{"invalid", "no", {{"/how", "must be another"}}};
    co_return Rejected{m.how, "as asked"};
  }
  static Page<ThingView> on(List m, const Rows& rows) {
    return rows.page(m.limit, std::nullopt, [&](const Key& key, const ThingState& s) -> std::optional<ThingView> {
      if (m.name && s.name != *m.name) return std::nullopt;
      return ThingView{ThingId{key.id()}, s.name, m.user_id ? 1 : 0};
    });
  }

 private:
  ThingView view() const { return {ThingId{key().id()}, state().name, state().amount}; }
};

Task<Echoed> echo(Call call, Echo m) {
  if (m.text == "no") co_return Rejected{"unauthenticated", "wrong"};
  co_return Echoed{m.text, call.principal().role};
}

/// Throws before there is a coroutine.
Task<Echoed> stumble(Call, Echo) { throw std::runtime_error("secret inside"); }

void declare(Routes& r) {
  r.problem("sold_out", 422, "Sold out");
  r.post<Api, Create>("/things").role("admin").creates().says("Adds a thing");
  r.get<Api, List>("/things").signed_in().own_unless("admin", &List::user_id);
  r.get<Api, Get>("/things/{id}").etag();
  r.put<Api, Rename>("/things/{id}").role("admin").if_match(&Rename::if_match);
  r.remove<Api, Remove>("/things/{id}").role("admin");
  r.post<Api, Add>("/things/{id}/stock").rejects("sold_out");
  r.post<Api, Touch>("/things/{id}/touch");
  r.post<Api, Fail>("/things/{id}/failure").signed_in();
  r.get<Api, Get>("/users/{id}").self_or("admin").named("thing_of_user");
  r.get<Api, Get>("/mine").signed_in().of_caller().named("own_thing");
  r.handle<Echo, Echoed>(http::Method::post, "/echo", &echo).status(201).ignores_idempotency_key();
  r.post<Api, Rename>("/named").keyed_by(&Rename::name).ignores_idempotency_key();
  r.handle<Echo, Echoed>(http::Method::post, "/stumble", &stumble).ignores_idempotency_key();
}

}  // namespace

struct RoutesTest::Reports final : engine::Reporter {
  void crashed(const engine::CrashReport&) override {}
  void trouble(std::string_view) override {}
};

struct RoutesTest::Pending final : http::ResponseSink {
  std::optional<http::Response> response;
  bool abandoned = false;
  void answer(std::uint64_t, http::Response r) override { response = std::move(r); }
  void abandon(std::uint64_t) override { abandoned = true; }
};

RoutesTest::RoutesTest() : reports(std::make_unique<Reports>()) {
  Routes routes("thing");
  routes.keeps_idempotency_keys(idempotency_keeper<"thing">);
  declare(routes);
  std::vector<Routes> all;
  all.push_back(std::move(routes));
  table = std::make_shared<const RouteTable>(all);
  TokenKey key{};
  signer = std::make_shared<const TokenSigner>(key);
  engine = std::make_unique<engine::Engine>(world, *reports);
  engine->host(entity_type<Thing>(things_cannot_be_made), &things);
  auto parts = idempotency_parts<"thing">(table, {IdempotencySecret{0}, IdempotencySecret{1}, IdempotencySecret{2}});
  engine->host(std::move(parts.entity), &keys);
  sweeps = std::make_unique<engine::Sweeps>(*engine, "test", [](const auto& sweep, const auto& failure) {
    ADD_FAILURE() << sweep << ' ' << failure.code << ' ' << failure.detail;
  });
  sweeps->add(std::move(parts.sweep));
  engine->start();
  sweeps->start();
  use_secrets({IdempotencySecret{0}});
}

void RoutesTest::use_secrets(IdempotencySecrets secrets) {
  auto authenticator = [this](TokenClaims claims) -> Task<Principal> {
    if (authenticator_throws) throw std::runtime_error("secret inside");
    return [](bool holds, TokenClaims c) -> Task<Principal> {
      if (!holds) co_return Rejected{"session_ended"};
      co_return Principal::of_user(*parse_uuid(c.subject), c.role);
    }(session_holds, std::move(claims));
  };
  RoutedServiceOptions options;
  options.allowed_origins = {"https://shop.example"};
  options.crashed = [this](std::string_view what) { told.emplace_back(what); };
  service = std::make_unique<RoutedService>(*engine, table, signer, authenticator, std::move(secrets), options);
}

RoutesTest::~RoutesTest() {
  engine.reset();
  sweeps.reset();
}

RoutesTest::PendingPtr RoutesTest::begin(Asked asked) {
  auto pending = std::make_shared<Pending>();
  http::Request request;
  request.method = asked.method;
  request.method_name = to_string(asked.method);
  request.target = std::move(asked.target);
  request.body = std::move(asked.body);
  if (request.body == "too large") request.body_state = http::BodyState::too_large;
  for (const auto& [name, value] : asked.headers) request.headers.add(name, value);
  engine->loop(0).call([this, pending, request = std::move(request)]() mutable {
    service->handle(std::move(request), http::Respond(pending, 1));
  });
  return pending;
}

http::Response RoutesTest::end(const PendingPtr& pending) {
  EXPECT_TRUE(world.run_until([&] { return pending->response.has_value() || pending->abandoned; }, 1h));
  if (!pending->response) {
    ADD_FAILURE() << "the request was dropped";
    return {};
  }
  return *pending->response;
}

std::pair<std::string, std::string> RoutesTest::token(Uuid user, std::string role) {
  const auto now = std::chrono::floor<std::chrono::seconds>(world.wall_time());
  return {"Authorization", "Bearer " + signer->issue({to_text(user), std::move(role), now, now + 12h, 0})};
}

std::string RoutesTest::create(std::string name) {
  const auto created = post("/things", R"({"name":")" + name + R"(","amount":5})", {admin()});
  EXPECT_EQ(created.status, 201) << created.body;
  return header(created, "Location");
}

bool RoutesTest::is_problem(const http::Response& response, std::uint16_t status, std::string_view code) {
  const std::string type = "\"type\":\"urn:troupe:" + std::string(code) + "\"";
  const bool is = response.status == status && response.body.find(type) != std::string::npos &&
                  header(response, "Content-Type") == "application/problem+json";
  if (!is) ADD_FAILURE() << response.status << ' ' << response.body;
  return is;
}

}  // namespace troupe::gateway::testing
