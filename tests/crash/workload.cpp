#include "tests/crash/workload.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>

namespace shop::testing {
namespace {

constexpr int product_count = 3;
constexpr int customer_count = 6;
constexpr int admin_count = 2;
constexpr std::int64_t first_stock = 40;

bool is_unknown(const Answer& answer) { return answer.status == 504; }

/// What a correct shop may answer to a well-formed call whose order or product may have moved on meanwhile.
bool is_legal(const Answer& answer) {
  for (const int status : {200, 201, 204, 409, 422, 503, 504}) {
    if (answer.status == status) return true;
  }
  return false;
}

Json body_of(const Lines& lines) {
  std::vector<Line> items;
  for (const auto& [product, quantity] : lines) items.push_back({product, quantity});
  return order_of(items);
}

}  // namespace

std::uint32_t test_seed() {
  const char* given = std::getenv("TROUPE_TEST_SEED");
  const auto seed = given == nullptr ? 1U : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
  std::cout << "TROUPE_TEST_SEED=" << seed << std::endl;
  return seed;
}

struct Workload::Client {
  enum class Role { customer, admin };

  Role role = Role::customer;
  std::string user_id;
  std::string token;
  std::mt19937 random;
  std::vector<std::string> orders;  // a customer's own; touched by its thread, or when no thread runs

  std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(random() % bound); }
};

Workload::Workload(const std::string& address, std::uint32_t seed) {
  auto admin = sign_in(address, admin_email, admin_password);
  admin_token_ = admin.token();
  for (int i = 0; i < product_count; ++i) {
    products_.push_back(create_product(admin, {.price = 100 + i, .stock = first_stock}));
    ledger_.put_in(products_.back(), first_stock);
  }
  for (int i = 0; i < customer_count + admin_count; ++i) {
    auto client = std::make_unique<Client>();
    client->random.seed(seed * 1000 + static_cast<std::uint32_t>(i));
    if (i < customer_count) {
      const auto user = sign_up(address);
      client->user_id = user.id;
      client->token = user.session.token();
    } else {
      client->role = Client::Role::admin;
      client->token = admin_token_;
    }
    clients_.push_back(std::move(client));
  }
}

Workload::~Workload() { stop(); }

void Workload::start(const std::string& address) {
  stopping_ = false;
  for (const auto& each : clients_) {
    if (each->token.empty()) continue;
    threads_.emplace_back([this, address, client = each.get()] {
      Session session{address, client->token};
      try {
        while (!stopping_) {
          client->role == Client::Role::customer ? act_as_customer(*client, session) : act_as_admin(*client, session);
        }
      } catch (const ConnectionLost&) {
        // The process was killed: what this call did is found out when it is repeated.
        ++cut_off_;
      }
    });
  }
}

void Workload::stop() {
  stopping_ = true;
  threads_.clear();  // waits for each
}

void Workload::act_as_customer(Client& client, Session& session) {
  const auto dice = client.below(100);
  if (client.orders.empty() || dice < 35) return place(client, session);
  // Mostly a recent order: old ones have come to their end.
  const auto back = client.below(std::min<std::size_t>(client.orders.size(), 4));
  const auto order = client.orders[client.orders.size() - 1 - back];
  if (dice < 60) return pay(client, session, order);
  if (dice < 75) return edit(client, session, order);
  if (dice < 90) return cancel(session, order);
  look_at_a_product(client, session);
}

void Workload::act_as_admin(Client& client, Session& session) {
  const auto dice = client.below(100);
  if (dice < 30) return deliver(client, session);
  if (dice < 50) return look_at_a_product(client, session);
  const auto order = ledger_.any_order(client.random);
  if (order.empty()) return;
  dice < 90 ? ship(session, order) : cancel(session, order);
}

void Workload::post(Session& session, Call call) {
  call.token = session.token();
  call.key = next_key();
  try {
    const auto answer = session.post(call.target, call.body, {{"Idempotency-Key", call.key}});
    if (!is_unknown(answer)) return settle(call, answer);
  } catch (const ConnectionLost&) {
    const std::scoped_lock lock{mutex_};
    unanswered_.push_back(call);
    throw;
  }
  const std::scoped_lock lock{mutex_};
  unanswered_.push_back(call);
}

void Workload::settle(const Call& call, const Answer& answer) {
  EXPECT_TRUE(is_legal(answer)) << call.target << ' ' << describe(answer);
  if (answer.status >= 300) return;
  call.acknowledge(answer);
  ++acknowledged_;
}

void Workload::place(Client& client, Session& session) {
  const auto lines = random_lines(client);
  post(session, {{}, "/orders", body_of(lines), {}, [this, &client, lines](const Answer& answer) {
                   const auto order = text(answer.json(), "id");
                   client.orders.push_back(order);
                   ledger_.placed(order, lines);
                 }});
}

void Workload::pay(Client& client, Session& session, const std::string& order) {
  const auto dice = client.below(20);
  const auto* card = dice == 0 ? silent_card : dice < 4 ? declined_card : good_card;
  post(session, {{}, "/orders/" + order + "/payment", {{"card", card}}, {}, [this, order](const Answer&) {
                   ledger_.reached(order, "paid");
                 }});
}

void Workload::edit(Client& client, Session& session, const std::string& order) {
  const auto lines = random_lines(client);
  try {
    const auto answer = session.put("/orders/" + order, body_of(lines));
    EXPECT_TRUE(is_legal(answer)) << describe(answer);
    if (is_unknown(answer)) ledger_.perhaps_edited(order, lines);
    if (answer.status != 200) return;
    ledger_.edited(order, lines);
    ++acknowledged_;
  } catch (const ConnectionLost&) {
    ledger_.perhaps_edited(order, lines);
    throw;
  }
}

void Workload::cancel(Session& session, const std::string& order) {
  const auto answer = session.remove("/orders/" + order);
  EXPECT_TRUE(is_legal(answer)) << describe(answer);
  if (answer.status != 204) return;
  ledger_.reached(order, "cancelled");
  ++acknowledged_;
}

void Workload::deliver(Client& client, Session& session) {
  const auto product = products_[client.below(products_.size())];
  const std::int64_t delta = static_cast<std::int64_t>(client.below(20)) - 5;
  if (delta == 0) return;
  post(session, {{}, "/products/" + product + "/stock", {{"delta", delta}}, {}, [this, product, delta](const Answer&) {
                   ledger_.put_in(product, delta);
                 }});
}

void Workload::ship(Session& session, const std::string& order) {
  const Json parcel{{"carrier", "Post"}, {"tracking", order}};
  post(session, {{}, "/orders/" + order + "/shipment", parcel, {}, [this, order](const Answer&) {
                   ledger_.reached(order, "shipped");
                 }});
}

void Workload::look_at_a_product(Client& client, Session& session) {
  const auto answer = session.get("/products/" + products_[client.below(products_.size())]);
  EXPECT_TRUE(is_legal(answer)) << describe(answer);
  if (answer.status != 200) return;
  EXPECT_GE(number(answer.json(), "stock"), 0);
  EXPECT_GE(number(answer.json(), "reserved"), 0);
}

std::string Workload::next_key() { return "call-" + std::to_string(++keys_); }

Lines Workload::random_lines(Client& client) const {
  Lines lines;
  for (auto count = 1 + client.below(product_count); count > 0; --count) {
    lines[products_[client.below(products_.size())]] += 1 + client.below(3);
  }
  return lines;
}

void Workload::repeat_unanswered(const std::string& address) {
  for (auto calls = std::exchange(unanswered_, {}); !calls.empty(); calls.pop_front()) {
    const auto& call = calls.front();
    Session session{address, call.token};
    Answer answer;
    EXPECT_TRUE(eventually([&] {
      answer = session.post(call.target, call.body, {{"Idempotency-Key", call.key}});
      return answer.status != 503 && answer.status != 504;
    })) << call.target
        << ' ' << describe(answer);
    settle(call, answer);
  }
}

void Workload::delete_some_customers(const std::string& address) {
  for (int i = 0; i < customer_count; i += 3) {
    auto& client = *clients_[static_cast<std::size_t>(i)];
    Session session{address, client.token};
    EXPECT_EQ(session.remove("/users/" + client.user_id).status, 204);
    client.token.clear();
  }
}

}  // namespace shop::testing
