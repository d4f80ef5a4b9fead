#pragma once

#include <type_traits>
#include <vector>

#include <troupe/actor/index.hpp>
#include <troupe/contract/protocol.hpp>
#include <troupe/contract/typed_envelope.hpp>

namespace troupe {

/// Messages of another protocol that an entity asks or sends; without any named, all that the protocol has.
///
/// `class Order : public Entity<Api, State, Asks<product::Api, product::Reserve, product::Ship>>`
///
/// An entity asks and sends what it declares so, and messages of its own protocol. Anything else is refused wherever it
/// runs: a send does not compile, an ask ends as `undeclared_ask`. What is declared is an edge of `check`.
template <class Callee_, class... Ms>
struct Asks {
  static_assert((Callee_::template has<Ms> && ...), "this protocol has no such message");

  using Callee = Callee_;
  template <class M>
  static constexpr bool names = sizeof...(Ms) == 0 ? Callee::template has<M> : (std::is_same_v<M, Ms> || ...);
};

namespace detail {

template <class T>
inline constexpr bool is_asks = false;
template <class Callee, class... Ms>
inline constexpr bool is_asks<Asks<Callee, Ms...>> = true;
template <class T>
inline constexpr bool is_indexes = false;
template <class... Is>
inline constexpr bool is_indexes<Indexes<Is...>> = true;

template <class... Options>
struct FirstIndexes {
  using type = Indexes<>;
};
template <class First, class... Rest>
struct FirstIndexes<First, Rest...>
    : std::conditional_t<is_indexes<First>, std::type_identity<First>, FirstIndexes<Rest...>> {};

template <class Option, class Callee, class M>
constexpr bool option_asks() {
  if constexpr (is_asks<Option>) {
    return std::is_same_v<typename Option::Callee, Callee> && Option::template names<M>;
  } else {
    return false;
  }
}

/// What stands behind an entity's protocol and state: its indexes, and what it asks.
template <class Own, class... Options>
struct EntityOptions {
  static_assert(((is_asks<Options> || is_indexes<Options>) && ...), "an entity's options are Indexes<…> and Asks<…>");

  using Declared = typename FirstIndexes<Options...>::type;

  template <class Callee, class M>
  static constexpr bool may_ask = std::is_same_v<Own, Callee> || (option_asks<Options, Callee, M>() || ...);

  /// Calls `visit.template operator()<Callee>()` for each protocol that is asked.
  template <class F>
  static constexpr void for_each_callee(F visit) {
    [[maybe_unused]] auto look = [&visit]<class Option>(std::type_identity<Option>) {
      if constexpr (is_asks<Option>) visit.template operator()<typename Option::Callee>();
    };
    (look(std::type_identity<Options>()), ...);
  }

  /// The messages of other protocols that are declared.
  static std::vector<const MessageInfo*> asked_messages() {
    std::vector<const MessageInfo*> messages;
    for_each_callee([&messages]<class Callee>() {
      Callee::for_each_message([&messages]<class M>() {
        if (may_ask<Callee, M>) messages.push_back(&message_info<Callee, M>);
      });
    });
    return messages;
  }
};

}  // namespace detail
}  // namespace troupe
