#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <troupe/contract/message.hpp>
#include <troupe/wire/fixed_string.hpp>

namespace troupe {

template <Message... Ms>
struct MessageTypes {};

/// The named, closed list of messages that one kind of actor answers: `Protocol<"product", Create, Get, Reserve>`.
///
/// `struct Api : troupe::Protocol<…> {};` rather than an alias can be declared before it is defined, as ids need it.
template <FixedString Name, Message... Ms>
struct Protocol {
  static_assert(sizeof...(Ms) > 0, "a protocol has messages");
  static_assert((detail::is_whole_message<Ms>() && ...));

  using Messages = MessageTypes<Ms...>;
  static constexpr auto tag = Name;
  static constexpr std::string_view name = Name.view();
  static constexpr std::size_t size = sizeof...(Ms);
  static constexpr std::array<std::string_view, size> message_names = {wire::type_name<Ms>()...};

  template <class M>
  static constexpr bool has = (std::is_same_v<M, Ms> || ...);

  /// The message's place in the list: its number on the wire.
  template <class M>
    requires has<M>
  static constexpr std::size_t index_of = [] {
    std::size_t i = 0;
    static_cast<void>(((std::is_same_v<M, Ms> || (++i, false)) || ...));
    return i;
  }();

  /// Calls `f.template operator()<M>()` for each message in order.
  template <class F>
  static constexpr void for_each_message(F f) {
    (f.template operator()<Ms>(), ...);
  }
};

}  // namespace troupe
