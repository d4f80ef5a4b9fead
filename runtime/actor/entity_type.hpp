#pragma once

#include <concepts>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/detail/direct_tables.hpp>
#include <troupe/actor/entity.hpp>
#include <troupe/contract/typed_envelope.hpp>

namespace troupe {

/// A kind of entity as the engine sees it: how to make one, and which function handles which message.
///
/// Made by entity_type<E>(arguments of E's constructor…), where a message without a handler, and a handler without a
/// message, are compile errors that name it.
struct EntityType {
  struct Started {
    std::coroutine_handle<> frame;
    TaskPromise* promise = nullptr;
  };
  struct Handler {
    const MessageInfo* message = nullptr;
    /// Begins a turn: the coroutine, not yet run. Takes the message out of the envelope, unless it may be asked again.
    Started (*start)(EntityBase&, Envelope&) = nullptr;
    /// Moves the finished coroutine's value into the envelope.
    void (*collect)(std::coroutine_handle<>, Envelope&) = nullptr;
    /// Of directory messages: answers from committed rows, on a thread that may block. The snapshot has a trace.
    void (*query)(Snapshot&, Envelope&) = nullptr;
  };

  const ProtocolInfo* protocol = nullptr;
  std::function<std::unique_ptr<EntityBase>()> make;
  std::vector<Handler> handlers;  ///< by message index
  std::vector<IndexDeclaration> indexes;
  /// The indexes' values of a stored state, to build an index that was declared later.
  std::function<std::vector<std::optional<IndexValue>>(const Key&, std::uint32_t layout, std::string_view body)>
      index_values;
  std::uint32_t layout = 1;
  /// The messages of other protocols that it asks; those of its own are always allowed. Unset: it asks whatever it is
  /// told to, as what performs requests does.
  std::optional<std::vector<const MessageInfo*>> asks = {};
};

namespace detail {

template <class Api, class E>
struct NotInProtocol {
  template <class M>
    requires(!Api::template has<M> && !std::is_same_v<M, E>)
  operator M() const {  // NOLINT(google-explicit-constructor): stands for any message that the protocol lacks
    static_assert(Api::template has<M>, "this handler's message is not in the entity's protocol");
    std::abort();
  }
};

struct NoHandler {};

/// The message as its handler gets it: its own copy where the asker may have to ask again.
template <class M>
M take_message(TypedEnvelope<M>& typed) {
  if constexpr (std::is_copy_constructible_v<M>) {
    if (typed.repeatable) return typed.message;
  }
  return std::move(typed.message);
}

/// Only for overload resolution: an ellipsis loses against any handler that takes a foreign message.
template <class E>
struct HandlerProbe : E {
  using E::on;
  static NoHandler on(...);
};

template <class E, class M>
concept ReadHandler = requires(const E& e, M m) {
  { e.on(std::move(m)) } -> std::same_as<Task<ReplyOf<M>>>;
};
template <class E, class M>
concept WriteHandler = requires(E& e, M m) {
  { e.on(std::move(m)) } -> std::same_as<Task<ReplyOf<M>>>;
} && !ReadHandler<E, M>;
template <class E, class M>
concept DirectoryHandler = requires(M m, const typename E::Rows& rows) {
  { E::on(std::move(m), rows) } -> std::convertible_to<Outcome<ReplyOf<M>>>;
};

/// A handler is a coroutine: what a reference parameter refers to has gone when it goes on after its first wait.
template <class E, class M>
concept ReferenceHandler = requires { static_cast<Task<ReplyOf<M>> (E::*)(const M&)>(&E::on); } ||
                           requires { static_cast<Task<ReplyOf<M>> (E::*)(const M&) const>(&E::on); } ||
                           requires { static_cast<Task<ReplyOf<M>> (E::*)(M&&)>(&E::on); } ||
                           requires { static_cast<Task<ReplyOf<M>> (E::*)(M&&) const>(&E::on); } ||
                           requires { static_cast<Task<ReplyOf<M>> (E::*)(M&)>(&E::on); } ||
                           requires { static_cast<Task<ReplyOf<M>> (E::*)(M&) const>(&E::on); };

template <class E, class M>
constexpr void check_handler() {
  static_assert(!holds_table<M> && !holds_table<ReplyOf<M>>,
                "a Table is a field of a state: in a message or reply its items would be lost");
  static_assert(!ReferenceHandler<E, M>,
                "the handler of M takes a reference, which dangles after its first co_await: take M by value");
  if constexpr (!has_reply<M>) {
    return;  // Protocol refuses the message
  } else if constexpr (scope_of<M> == Scope::directory) {
    static_assert(DirectoryHandler<E, M>, "the directory message M lacks its handler: static Reply on(M, const Rows&)");
  } else if constexpr (effect_of<M> == Effect::read) {
    static_assert(ReadHandler<E, M>, "the read message M lacks its handler: Task<Reply> on(M) const");
  } else {
    static_assert(!ReadHandler<E, M>, "message M is not a read, so its handler must not be const");
    static_assert(ReadHandler<E, M> || WriteHandler<E, M>, "message M lacks its handler: Task<Reply> on(M)");
  }
}

template <class E>
constexpr void check_no_foreign_handler() {
  static_assert(!std::is_final_v<E>, "an entity is not final: its handlers are checked through a derived probe");
  using Foreign = NotInProtocol<typename E::Api, E>;
  using Probe = HandlerProbe<E>;
  static_assert(requires(Probe& p, Foreign f) { p.on(f); }, "several handlers of this entity are for foreign messages");
  if constexpr (!std::is_same_v<decltype(std::declval<Probe&>().on(std::declval<Foreign>())), NoHandler>) {
    // Instantiates the conversion, whose assertion names the message.
    static_cast<void>([](E& e) { static_cast<void>(e.on(Foreign{})); });
  }
}

/// The refusal of a message whose cursor is of a listing in another order.
template <class M>
std::unique_ptr<Failure> foreign_cursor(const M& message) {
  std::vector<Fault> faults;
  wire::for_each_field(message, [&faults]<class Field>(std::string_view name, const Field&) {
    if constexpr (std::is_same_v<wire::Unwrapped<Field>, Cursor>) {
      faults.push_back({'/' + std::string(name), "must be of a page in the same order"});
    }
  });
  return std::make_unique<Failure>(Rejected{
      std::string(failure_code::invalid), "a page goes on only where one in the same order ended", std::move(faults)});
}

/// A handler's coroutine, handed over to the turn that runs it.
template <class Reply>
EntityType::Started started(Task<Reply> task) {
  auto frame = task.release();
  return {frame, &frame.promise()};
}

template <Message M>
void collect_reply(std::coroutine_handle<> frame, Envelope& envelope) {
  auto& promise = Task<ReplyOf<M>>::Handle::from_address(frame.address()).promise();
  static_cast<TypedEnvelope<M>&>(envelope).reply.emplace(std::move(*promise.value));
}

template <class E, class M>
EntityType::Handler handler_of() {
  EntityType::Handler handler;
  handler.message = &message_info<typename E::Api, M>;
  // Where check_handler() has found no handler, its error is the only one.
  if constexpr (scope_of<M> == Scope::directory && DirectoryHandler<E, M>) {
    handler.query = [](Snapshot& snapshot, Envelope& envelope) {
      auto& typed = static_cast<TypedEnvelope<M>&>(envelope);
      const typename E::Rows rows(snapshot);
      Outcome<ReplyOf<M>> outcome = E::on(take_message(typed), rows);
      if (snapshot.trace->foreign_cursor) {
        typed.failure = foreign_cursor(typed.message);
      } else if (!outcome.ok()) {
        typed.failure = std::make_unique<Failure>(std::move(outcome).failure());
      } else if (!is_traced(*outcome, *snapshot.trace)) {
        typed.failure = untraced_page(*typed.info);
      } else {
        typed.reply.emplace(*std::move(outcome));
      }
    };
  } else if constexpr (effect_of<M> == Effect::read ? ReadHandler<E, M> : WriteHandler<E, M>) {
    using Reader = std::conditional_t<effect_of<M> == Effect::read, const E, E>;
    handler.start = [](EntityBase& entity, Envelope& envelope) {
      auto& typed = static_cast<TypedEnvelope<M>&>(envelope);
      return started(static_cast<Reader&>(static_cast<E&>(entity)).on(take_message(typed)));
    };
    handler.collect = &collect_reply<M>;
  }
  return handler;
}

}  // namespace detail

template <std::derived_from<EntityBase> E, class... Arguments>
EntityType entity_type(Arguments... arguments) {
  using Api = typename E::Api;
  using State = typename E::State;
  using Declared = typename E::DeclaredIndexes;
  Api::for_each_message([]<class M>() { detail::check_handler<E, M>(); });
  detail::check_no_foreign_handler<E>();

  EntityType type;
  type.protocol = &protocol_info<Api>;
  type.make = [... arguments = std::move(arguments)]() -> std::unique_ptr<EntityBase> {
    return std::make_unique<E>(arguments...);
  };
  Api::for_each_message([&type]<class M>() { type.handlers.push_back(detail::handler_of<E, M>()); });
  type.indexes = Declared::template declarations<State>();
  type.index_values = [](const Key& key, std::uint32_t layout, std::string_view body) {
    const auto values = Declared::values(detail::state_from_row<State>(key, layout, body));
    return std::vector<std::optional<IndexValue>>(values.begin(), values.end());
  };
  type.layout = detail::layout_of<State>;
  type.asks = E::DeclaredOptions::asked_messages();
  return type;
}

}  // namespace troupe
