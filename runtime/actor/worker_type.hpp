#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/entity_type.hpp>
#include <troupe/actor/worker.hpp>

namespace troupe {

/// A kind of worker as the engine sees it. Made by worker_type<W>(arguments of W's constructor…).
struct WorkerType {
  std::string name;
  OnePer one_per = OnePer::node;
  Restart restart = Restart::permanent;
  Turns turns = Turns::in_order;
  Duration start_within{};
  Duration stop_within{};
  const ProtocolInfo* beside = nullptr;  ///< lives where this lives
  std::function<std::unique_ptr<WorkerBase>()> make;
  /// The messages of other protocols that it asks.
  std::vector<const MessageInfo*> asks;
  const ProtocolInfo* protocol = nullptr;  ///< what it answers; null: nothing
  /// Its handlers, as those of an entity that passes each message to the object that lives when it is made.
  EntityType (*handlers)(std::function<WorkerBase&()> living) = nullptr;
};

namespace detail {

/// A worker keeps nothing.
struct NoState {};

/// The engine runs turns of entities: this one stands before a worker's life.
template <class W>
class WorkerFront final : public Entity<typename W::Api, NoState> {
 public:
  explicit WorkerFront(WorkerBase& worker) : worker_(static_cast<W&>(worker)) {}
  W& worker() const { return worker_; }

 private:
  W& worker_;
};

template <class W, class M>
constexpr void check_worker_handler() {
  static_assert(scope_of<M> == Scope::entity, "a worker has no rows: it answers no directory message");
  static_assert(effect_of<M> != Effect::keyed,
                "a worker does not remember what it was asked: make the message idempotent, or once");
  check_handler<W, M>();
}

template <class W, class M>
EntityType::Handler worker_handler_of() {
  EntityType::Handler handler;
  handler.message = &message_info<typename W::Api, M>;
  if constexpr (effect_of<M> == Effect::read ? ReadHandler<W, M> : WriteHandler<W, M>) {
    using Reader = std::conditional_t<effect_of<M> == Effect::read, const W, W>;
    handler.start = [](EntityBase& front, Envelope& envelope) {
      Reader& worker = static_cast<WorkerFront<W>&>(front).worker();
      return started(worker.on(take_message(static_cast<TypedEnvelope<M>&>(envelope))));
    };
    handler.collect = &collect_reply<M>;
  }
  return handler;
}

template <class W>
EntityType handlers_of_worker(std::function<WorkerBase&()> living) {
  EntityType type;
  type.protocol = &protocol_info<typename W::Api>;
  type.make = [living = std::move(living)]() -> std::unique_ptr<EntityBase> {
    return std::make_unique<WorkerFront<W>>(living());
  };
  W::Api::for_each_message([&type]<class M>() { type.handlers.push_back(worker_handler_of<W, M>()); });
  return type;
}

/// "outbox" is what the relay of the domain's sends is called.
constexpr bool is_worker_name(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && name != "outbox";
}

/// The protocol that a worker stands beside.
template <class W, class MainApi>
struct BesideOf {
  using type = MainApi;
};
template <class W, class MainApi>
  requires requires { typename W::Beside; }
struct BesideOf<W, MainApi> {
  using type = typename W::Beside;
};

}  // namespace detail

/// `MainApi`: of the domain, beside which it stands unless it says otherwise.
template <std::derived_from<WorkerBase> W, class MainApi, class... Arguments>
WorkerType worker_type(Arguments... arguments) {
  static_assert(detail::is_worker_name(W::spec.name),
                "a worker's name is part of a path: not empty, without /, and not outbox");
  WorkerType type;
  type.name = W::spec.name;
  type.one_per = W::spec.one_per;
  type.restart = W::spec.restart;
  type.turns = W::spec.turns;
  type.start_within = W::spec.start_within;
  type.stop_within = W::spec.stop_within;
  type.beside = &protocol_info<typename detail::BesideOf<W, MainApi>::type>;
  type.make = [... arguments = std::move(arguments)]() -> std::unique_ptr<WorkerBase> {
    return std::make_unique<W>(arguments...);
  };
  type.asks = W::DeclaredOptions::asked_messages();
  if constexpr (!std::is_void_v<typename W::Api>) {
    W::Api::for_each_message([]<class M>() { detail::check_worker_handler<W, M>(); });
    detail::check_no_foreign_handler<W>();
    type.protocol = &protocol_info<typename W::Api>;
    type.handlers = &detail::handlers_of_worker<W>;
  }
  return type;
}

}  // namespace troupe
