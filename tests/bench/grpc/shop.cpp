#include "tests/bench/grpc/shop.hpp"

#include <bench.grpc.pb.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "tests/bench/grpc/events.hpp"
#include "tests/bench/grpc/service.hpp"
#include "tests/bench/order_http.hpp"
#include "tests/process/child_process.hpp"

namespace troupe::bench::rpc {
namespace {

namespace http = boost::beast::http;

using Placing = Method<Placement, Order>::Call;

/// The service of the orders: reserves item by item, then records. Its calls and its clients' calls share one queue.
class OrderService {
 public:
  OrderService(const std::string& products_address, grpc::CompletionQueue& queue)
      : products_(Products::NewStub(connect(products_address))), queue_(queue) {}

  void place(Placing& placing) {
    bench::Order order;
    order.user = placing.request().user();
    reserve(placing, std::move(order));
  }

 private:
  void reserve(Placing& placing, bench::Order order) {
    const auto next = static_cast<int>(order.lines.size());
    if (next == placing.request().items_size()) return record(placing, std::move(order));
    const Item& item = placing.request().items(next);
    call<Reserved>([&](grpc::ClientContext* context) { return products_->PrepareAsyncReserve(context, item, &queue_); },
                   [this, &placing, &item, order = std::move(order)](const grpc::Status& status,
                                                                     const Reserved& reserved) mutable {
                     if (!status.ok()) return placing.refuse(status);
                     order.add({item.product(), reserved.name(), reserved.unit_price(), item.quantity()});
                     reserve(placing, std::move(order));
                   });
  }

  void record(Placing& placing, bench::Order order) {
    const bench::Order& recorded = orders_.record(std::move(order));
    Order reply;
    reply.set_id(recorded.id);
    reply.set_user(recorded.user);
    for (const bench::Line& line : recorded.lines) {
      Line& copy = *reply.add_lines();
      copy.set_product(line.product);
      copy.set_name(line.name);
      copy.set_unit_price(line.unit_price);
      copy.set_quantity(line.quantity);
    }
    reply.set_total(recorded.total);
    reply.set_created_at(recorded.created_at);
    placing.finish(reply);
  }

  std::unique_ptr<Products::Stub> products_;
  grpc::CompletionQueue& queue_;
  bench::Orders orders_;
};

bench::Order from_reply(const Order& reply) {
  bench::Order order{reply.id(), reply.user(), {}, reply.total(), reply.created_at()};
  for (const Line& line : reply.lines())
    order.lines.push_back({line.product(), line.name(), line.unit_price(), line.quantity()});
  return order;
}

/// What the services' refusals are in HTTP.
http::status status_of(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED:
      return http::status::unauthorized;
    case grpc::StatusCode::FAILED_PRECONDITION:
      return http::status::unprocessable_entity;
    default:
      return http::status::service_unavailable;
  }
}

/// The HTTP side: one thread serves HTTP, one takes the services' answers.
class Edge {
 public:
  Edge(const std::string& users_address, const std::string& orders_address)
      : users_(Users::NewStub(connect(users_address))), orders_(Orders::NewStub(connect(orders_address))) {}
  ~Edge() { queue_.Shutdown(); }
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  void answer(const Request& request, Respond respond) {
    auto read = read_order_request(request);
    if (const auto* status = std::get_if<http::status>(&read)) return respond(refused(request, *status));
    auto& [token, items] = std::get<OrderRequest>(read);
    Token asked;
    asked.set_token(token);
    call<User>([&](grpc::ClientContext* context) { return users_->PrepareAsyncResolve(context, asked, &queue_); },
               [this, &request, items = std::move(items), respond = std::move(respond)](const grpc::Status& status,
                                                                                        const User& user) mutable {
                 if (!status.ok()) return respond(refused(request, status_of(status)));
                 place(request, user, items, std::move(respond));
               });
  }

 private:
  void place(const Request& request, const User& user, const std::vector<Wanted>& items, Respond respond) {
    Placement placement;
    placement.set_user(user.id());
    for (const Wanted& wanted : items) {
      Item& item = *placement.add_items();
      item.set_product(wanted.product);
      item.set_quantity(wanted.quantity);
    }
    call<Order>([&](grpc::ClientContext* context) { return orders_->PrepareAsyncPlace(context, placement, &queue_); },
                [&request, respond = std::move(respond)](const grpc::Status& status, const Order& order) {
                  respond(status.ok() ? placed(request, from_reply(order)) : refused(request, status_of(status)));
                });
  }

  std::unique_ptr<Users::Stub> users_;
  std::unique_ptr<Orders::Stub> orders_;
  grpc::CompletionQueue queue_;
  std::jthread answers_{[this] {
    while (take_event(queue_)) {
    }
  }};
};

}  // namespace

void serve_users(std::size_t count) {
  const bench::Users users(count);
  Users::AsyncService service;
  std::optional<Method<Token, User>> resolve;
  serve(service, [&](grpc::ServerCompletionQueue& queue) {
    resolve.emplace([&](auto* context, auto* request, auto* writer,
                        void* tag) { service.RequestResolve(context, request, writer, &queue, &queue, tag); },
                    [&](auto& asked) {
                      const std::string* id = users.find_by_token(asked.request().token());
                      if (id == nullptr) return asked.refuse({grpc::StatusCode::UNAUTHENTICATED, "no such token"});
                      User user;
                      user.set_id(*id);
                      asked.finish(user);
                    });
    resolve->await(accepted_ahead);
  });
}

void serve_products(std::size_t count) {
  bench::Products products(count);
  Products::AsyncService service;
  std::optional<Method<Item, Reserved>> reserve;
  serve(service, [&](grpc::ServerCompletionQueue& queue) {
    reserve.emplace([&](auto* context, auto* request, auto* writer,
                        void* tag) { service.RequestReserve(context, request, writer, &queue, &queue, tag); },
                    [&](auto& asked) {
                      const Product* product = products.reserve(asked.request().product(), asked.request().quantity());
                      if (product == nullptr) return asked.refuse({grpc::StatusCode::FAILED_PRECONDITION, "no stock"});
                      Reserved reserved;
                      reserved.set_name(product->name);
                      reserved.set_unit_price(product->price);
                      asked.finish(reserved);
                    });
    reserve->await(accepted_ahead);
  });
}

void serve_orders(const std::string& products_address) {
  Orders::AsyncService service;
  std::optional<OrderService> orders;
  std::optional<Method<Placement, Order>> place;
  serve(service, [&](grpc::ServerCompletionQueue& queue) {
    orders.emplace(products_address, queue);
    place.emplace([&](auto* context, auto* request, auto* writer,
                      void* tag) { service.RequestPlace(context, request, writer, &queue, &queue, tag); },
                  [&](auto& asked) { orders->place(asked); });
    place->await(accepted_ahead);
  });
}

void serve_shop(const std::string& program) {
  process::ChildProcess users({.arguments = {program, "users"}});
  process::ChildProcess products({.arguments = {program, "products"}});
  process::ChildProcess orders({.arguments = {program, "orders", service_address(products)}});
  Edge edge(service_address(users), service_address(orders));
  serve_later(1, [&edge](const Request& request, Respond respond) { edge.answer(request, std::move(respond)); });
}

}  // namespace troupe::bench::rpc
