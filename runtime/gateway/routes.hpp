#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/gateway/detail/action.hpp>
#include <troupe/gateway/problem.hpp>
#include <troupe/gateway/route.hpp>
#include <troupe/wire/etag.hpp>

namespace troupe::gateway {

template <class A, class M>
class RouteDeclaration;
class TokenSigner;

/// The HTTP routes of one domain, declared with it:
///
/// ```
/// void Declaration::routes(gateway::Routes& r) {
///   r.post<Api, Create>("/products").creates().role("admin").says("Adds a product");
///   r.get<Api, Get>("/products/{id}").etag().says("Shows a product");
///   r.get<Api, List>("/products").says("Lists products, newest first");
/// }
/// ```
/// The path's first parameter is the key of the entity that is asked; a directory message is asked of all. The
/// message's fields come from the JSON body (POST, PUT, PATCH) or else from the query, where an absent one keeps the
/// default of its declaration (`std::uint32_t limit = 50;`); `Done` is answered 204, any other reply 200 with its JSON.
/// Errors: a declaration that can't be throws std::logic_error.
class Routes {
 public:
  /// `domain` is the domain's name: the tag of its routes, and where its Idempotency-Keys are kept.
  explicit Routes(std::string domain, std::shared_ptr<const TokenSigner> signer = nullptr)
      : domain_(std::move(domain)), signer_(std::move(signer)) {}

  template <class Api, Message M>
  auto get(std::string pattern) {
    return ask<Api, M>(http::Method::get, std::move(pattern));
  }
  template <class Api, Message M>
  auto post(std::string pattern) {
    return ask<Api, M>(http::Method::post, std::move(pattern));
  }
  template <class Api, Message M>
  auto put(std::string pattern) {
    return ask<Api, M>(http::Method::put, std::move(pattern));
  }
  template <class Api, Message M>
  auto patch(std::string pattern) {
    return ask<Api, M>(http::Method::patch, std::move(pattern));
  }
  template <class Api, Message M>
  auto remove(std::string pattern) {
    return ask<Api, M>(http::Method::delete_, std::move(pattern));
  }

  /// A route that is more than one ask: `f(Call, Body)` gives a `Task<Reply>`; it may be a function object that holds
  /// what it needs. Body is a plain aggregate, read as a message is.
  template <class Body, class Reply, class F>
  auto handle(http::Method method, std::string pattern, F f) {
    static_assert(std::is_invocable_r_v<Task<Reply>, const F&, Call, Body>, "a handler is Task<Reply> f(Call, Body)");
    using A = detail::HandleAction<Body, Reply, F>;
    Route& route = add(method, std::move(pattern), wire::type_name<Body>());
    if (std::is_same_v<Reply, Done>) route.status = 204;
    auto action = std::make_unique<A>(route, input_of(route), std::move(f));
    A& made = *action;
    route.action = std::move(action);
    return RouteDeclaration<A, Body>(route, made);
  }

  /// A code that this domain rejects with, beside the gateway's own: `r.problem("out_of_stock", 422, "Out of stock")`.
  Routes& problem(std::string code, std::uint16_t status, std::string title) {
    problems_.push_back({std::move(code), status, std::move(title)});
    return *this;
  }

  /// Where Idempotency-Keys of this domain's routes are kept; see idempotency_keeper in idempotency.hpp.
  Routes& keeps_idempotency_keys(const IdempotencyKeeper& keeper) {
    keeper_ = &keeper;
    for (auto& route : routes_) route->keeper = keeper_;
    return *this;
  }

  const std::string& domain() const { return domain_; }
  /// What the gateway's tokens are signed with, for a route that opens sessions.
  const std::shared_ptr<const TokenSigner>& signer() const { return signer_; }
  const std::vector<std::shared_ptr<Route>>& all() const { return routes_; }
  const std::vector<ProblemKind>& problems() const { return problems_; }

 private:
  template <class Api, Message M>
  auto ask(http::Method method, std::string pattern) {
    using A = detail::AskAction<Api, M>;
    static_assert(Api::template has<M>, "this protocol has no such message");
    Route& route = add(method, std::move(pattern), wire::type_name<M>());
    if (std::is_same_v<ReplyOf<M>, Done>) route.status = 204;
    for (const std::string_view code : rejects_of<M>()) route.rejections.emplace_back(code);
    const bool for_all = scope_of<M> == Scope::directory;
    auto action =
        std::make_unique<A>(route, input_of(route), for_all ? detail::Addressee::directory : detail::Addressee::path);
    A& made = *action;
    route.action = std::move(action);
    return RouteDeclaration<A, M>(route, made);
  }

  Route& add(http::Method method, std::string pattern, std::string_view name);
  static Source input_of(const Route& route) { return route.takes_body() ? Source::body : Source::query; }

  std::string domain_;
  std::shared_ptr<const TokenSigner> signer_;
  std::vector<std::shared_ptr<Route>> routes_;
  std::vector<ProblemKind> problems_;
  const IdempotencyKeeper* keeper_ = nullptr;
};

/// Says more of one route. Every setting may be left out.
template <class A, class M>
class RouteDeclaration {
 public:
  RouteDeclaration(Route& route, A& action) : route_(&route), action_(&action) {}

  // Who may call; without any: anyone.
  RouteDeclaration& signed_in() { return access(Access::Kind::signed_in, {}); }
  RouteDeclaration& role(std::string role) { return access(Access::Kind::role, std::move(role)); }
  /// The user whom the path's first parameter names; anyone else is 403 without a look-up.
  RouteDeclaration& self() { return access(Access::Kind::self_or, {}); }
  /// The same, or who has the role; anyone else is 403 without a look-up.
  RouteDeclaration& self_or(std::string role) { return access(Access::Kind::self_or, std::move(role)); }

  // Whom the message is for, where it is neither the path's entity nor the directory.
  /// A new entity, whose key is the request's operation id: 201 with its Location, `<pattern>/<key>`.
  RouteDeclaration& creates() {
    action_->addressee = detail::Addressee::created;
    route_->creates = true;
    route_->status = 201;
    return *this;
  }
  /// The entity that this field names, which stays part of the message.
  template <class Field>
  RouteDeclaration& keyed_by(Field M::* member) {
    action_->addressee = detail::Addressee::field;
    action_->key_of = [member](const M& message) { return key_of(message.*member); };
    return *this;
  }
  /// The entity whose key is the signed-in user's id.
  RouteDeclaration& of_caller() {
    action_->addressee = detail::Addressee::caller;
    return *this;
  }

  // Where fields come from that are not read from body or query.
  /// The signed-in user's id. The field is an id, or an optional one, which stays empty without a user.
  template <class Field>
  RouteDeclaration& fills(Field M::* member) {
    source_of(member) = Source::principal;
    action_->binding.adjustments.push_back([member](const Incoming& request, M& message) -> std::optional<Failure> {
      using Id = wire::Unwrapped<Field>;
      if (request.principal.kind == Principal::Kind::user) message.*member = as_id<Id>(request.principal.user);
      return std::nullopt;
    });
    return *this;
  }
  /// The request's operation: the same for all attempts at it.
  RouteDeclaration& fills_operation(Uuid M::* member) {
    source_of(member) = Source::operation;
    action_->binding.adjustments.push_back([member](const Incoming& request, M& message) -> std::optional<Failure> {
      message.*member = request.operation;
      return std::nullopt;
    });
    return *this;
  }
  /// A field (`std::optional<UserId>`) that narrows to one user: who has the role chooses freely; anyone else gets the
  /// own, and 403 for another's.
  template <class Field>
  RouteDeclaration& own_unless(std::string role, Field M::* member) {
    action_->binding.adjustments.push_back(
        [member, role = std::move(role)](const Incoming& request, M& message) -> std::optional<Failure> {
          if (request.principal.has_role(role)) return std::nullopt;
          const auto own = as_id<typename Field::value_type>(request.principal.user);
          if (message.*member && *(message.*member) != own) return Failure(Rejected{"forbidden", "not your own"});
          message.*member = own;
          return std::nullopt;
        });
    return *this;
  }
  /// The entity tags of If-Match, as they were sent (`*` too): empty where the request has none. The domain compares:
  /// `if (!etag_matches(m.if_match, etag(view))) co_return Rejected{"precondition_failed", …};`
  /// The field is a `std::vector<std::string>`, or an optional one.
  template <class Field>
  RouteDeclaration& if_match(Field M::* member) {
    source_of(member) = Source::header;
    route_->reads_if_match = true;
    action_->binding.if_match = [member](const http::Headers& headers, M& message, std::vector<Fault>& faults) {
      std::vector<std::string> tags;
      if (detail::read_if_match(headers, tags, faults)) message.*member = std::move(tags);
    };
    return *this;
  }

  // How it answers.
  /// A strong ETag over the whole answer; If-None-Match is honoured.
  RouteDeclaration& etag() {
    route_->etag = Route::Tag::strong;
    return *this;
  }
  RouteDeclaration& status(std::uint16_t status) {
    route_->status = status;
    return *this;
  }
  /// A POST honours Idempotency-Key unless this is said.
  RouteDeclaration& ignores_idempotency_key() {
    route_->idempotency_key = Route::IdempotencyKey::ignored;
    return *this;
  }

  // For the description.
  RouteDeclaration& says(std::string summary) {
    route_->summary = std::move(summary);
    return *this;
  }
  /// Codes that it may answer beyond those that follow from its declaration and those that its message declares:
  /// `.rejects("conflict", "out_of_stock")`.
  template <class... Codes>
  RouteDeclaration& rejects(Codes... codes) {
    (route_->rejections.emplace_back(codes), ...);
    return *this;
  }
  /// Its operationId, where the message's name in snake_case with the domain's before it is not it.
  RouteDeclaration& named(std::string name) {
    route_->name = std::move(name);
    return *this;
  }

 private:
  RouteDeclaration& access(Access::Kind kind, std::string role) {
    route_->access = {kind, std::move(role)};
    return *this;
  }
  /// A text that can be no key names nothing, as the nil id does.
  template <class Field>
  static Key key_of(const Field& field) {
    if constexpr (std::is_convertible_v<const Field&, std::string_view>) {
      const std::string_view text = field;
      return text.empty() || text.size() > Key::max_text_bytes ? Key() : Key(text);
    } else {
      return Key(field);
    }
  }
  template <class Field>
  Source& source_of(Field M::* member) {
    return action_->binding.sources[wire::field_index(member)];
  }
  template <class Id>
  static Id as_id(Uuid user) {
    if constexpr (std::is_same_v<Id, Uuid>) {
      return user;
    } else {
      return Id{user};
    }
  }

  Route* route_;
  A* action_;
};

}  // namespace troupe::gateway
