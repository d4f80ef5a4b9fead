#pragma once

#include <cstdint>
#include <string_view>

#include <troupe/wire/reflect.hpp>

namespace troupe {

/// What may be done with a message whose outcome is unknown. Part of the contract: `static constexpr auto effect`.
///
/// Source: RFC 9110's safe and idempotent methods; `keyed` is the idempotency key of payment APIs.
enum class Effect : std::uint8_t {
  read,        ///< changes nothing; its handler is const
  idempotent,  ///< doing it twice is doing it once; repeated freely
  keyed,       ///< repeated under its operation id, which the receiver remembers with the reply
  once,        ///< never repeated by the runtime; the default
};

/// Whether a message is for one entity, or for the directory of all committed ones (`static constexpr auto scope`).
enum class Scope : std::uint8_t { entity, directory };

/// The reply of a message that answers nothing.
struct Done {
  friend bool operator==(const Done&, const Done&) = default;
};

/// A plain aggregate with `using Reply = …`; effect class and field rules (`static void check(Checker<M>&)`) are
/// optional. Errors: Protocol tells of a missing Reply, once; a constraint here would tell of it wherever the message
/// is used.
template <class M>
concept Message = wire::Aggregate<M>;

namespace detail {

template <class M>
inline constexpr bool has_reply = requires { typename M::Reply; };

template <class M>
struct DeclaredReply {
  using type = Done;
};
template <class M>
  requires has_reply<M>
struct DeclaredReply<M> {
  using type = typename M::Reply;
};

template <class M>
consteval bool is_whole_message() {
  static_assert(has_reply<M>, "a message lacks its `using Reply = …`: Done, where it answers nothing");
  return true;
}

}  // namespace detail

template <Message M>
using ReplyOf = typename detail::DeclaredReply<M>::type;

template <Message M>
inline constexpr Effect effect_of = [] {
  if constexpr (requires { M::effect; }) {
    return M::effect;
  } else {
    return Effect::once;
  }
}();

template <Message M>
inline constexpr Scope scope_of = [] {
  if constexpr (requires { M::scope; }) {
    static_assert(M::scope == Scope::entity || effect_of<M> == Effect::read, "a directory message is a read");
    return M::scope;
  } else {
    return Scope::entity;
  }
}();

}  // namespace troupe
