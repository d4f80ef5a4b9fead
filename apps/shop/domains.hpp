#pragma once

#include <utility>

#include <troupe/node/application.hpp>
#include "actors/order/domain.hpp"
#include "actors/order/protocols.hpp"
#include "actors/order/routes.hpp"
#include "actors/product/domain.hpp"
#include "actors/product/protocols.hpp"
#include "actors/product/routes.hpp"
#include "actors/user/domain.hpp"
#include "actors/user/protocols.hpp"
#include "actors/user/routes.hpp"
#include "apps/shop/session_tokens.hpp"

/// The shop's domains, each as programs take it in: with its entities, for a gateway that only serves it, or by name
/// alone. A program links what it calls here and nothing else. All name the domains in this order: user, product,
/// order.
namespace shop {

inline void user_routes(troupe::gateway::Routes& routes, const troupe::node::Services& services) {
  user::routes(routes, issue_with(services.signer));
}
inline void product_routes(troupe::gateway::Routes& routes, const troupe::node::Services&) { product::routes(routes); }
inline void order_routes(troupe::gateway::Routes& routes, const troupe::node::Services&) { order::routes(routes); }

inline void host_user(troupe::node::Application& application) {
  application.domain<"user">(&user::user_domain, &user_routes);
}
inline void host_product(troupe::node::Application& application) {
  application.domain<"product">(&product::product_domain, &product_routes);
}
inline void host_order(troupe::node::Application& application) {
  application.domain<"order", order::Settings>(
      [](const order::Settings& settings) { return order::order_domain(settings); }, &order_routes);
}

using DeclareRoutes = troupe::node::Application::DeclareRoutes;

inline void know_user(troupe::node::Application& application, DeclareRoutes routes = {}) {
  application.elsewhere<"user">(user::protocols(), std::move(routes));
}
inline void know_product(troupe::node::Application& application, DeclareRoutes routes = {}) {
  application.elsewhere<"product">(product::protocols(), std::move(routes));
}
inline void know_order(troupe::node::Application& application, DeclareRoutes routes = {}) {
  application.elsewhere<"order">(order::protocols(), std::move(routes), {"payment", "shipping"});
}

}  // namespace shop
