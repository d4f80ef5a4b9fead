#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

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

/// What a message is, in a word: its effect class, its scope and its reply.
template <Effect effect_, Scope scope_, class Reply_>
struct MessageKind {
  using Reply = Reply_;
  static constexpr Effect effect = effect_;
  static constexpr Scope scope = scope_;
};

/// `using Is = troupe::Keyed<View>;` in a message says its effect class and its reply.
template <class Reply>
using Read = MessageKind<Effect::read, Scope::entity, Reply>;
template <class Reply = Done>
using Idempotent = MessageKind<Effect::idempotent, Scope::entity, Reply>;
template <class Reply = Done>
using Keyed = MessageKind<Effect::keyed, Scope::entity, Reply>;
template <class Reply = Done>
using Once = MessageKind<Effect::once, Scope::entity, Reply>;
/// A read of the directory: of all committed entities.
template <class Reply>
using Listing = MessageKind<Effect::read, Scope::directory, Reply>;

namespace detail {

template <class M>
inline constexpr bool has_reply = requires { typename M::Is::Reply; } || requires { typename M::Reply; };

/// Of a message that lacks its reply.
template <class M>
struct KindOf {
  using type = Once<>;
};
template <class M>
  requires requires { typename M::Is::Reply; }
struct KindOf<M> {
  using type = typename M::Is;
};
/// The long form: `using Reply = …`, with `static constexpr auto effect` and `scope` where they are not the default.
template <class M>
  requires(
      !requires { typename M::Is::Reply; } && requires { typename M::Reply; })
struct KindOf<M> {
  static constexpr Effect effect = [] {
    if constexpr (requires { M::effect; }) {
      return M::effect;
    } else {
      return Effect::once;
    }
  }();
  static constexpr Scope scope = [] {
    if constexpr (requires { M::scope; }) {
      return M::scope;
    } else {
      return Scope::entity;
    }
  }();
  static_assert(scope == Scope::entity || effect == Effect::read, "a directory message is a read");
  using type = MessageKind<effect, scope, typename M::Reply>;
};

template <class M>
consteval bool is_whole_message() {
  static_assert(has_reply<M>,
                "a message lacks its `using Reply = …`, or `using Is = Keyed<…>`: Done, where it answers nothing");
  return true;
}

}  // namespace detail

/// A plain aggregate that says what it is (`using Is = troupe::Read<View>`); field rules (`static void
/// check(Checker<M>&)`) are optional. Errors: Protocol tells of a missing reply, once; a constraint here would tell of
/// it wherever the message is used.
template <class M>
concept Message = wire::Aggregate<M>;

template <Message M>
using ReplyOf = typename detail::KindOf<M>::type::Reply;

template <Message M>
inline constexpr Effect effect_of = detail::KindOf<M>::type::effect;

template <Message M>
inline constexpr Scope scope_of = detail::KindOf<M>::type::scope;

/// What a message may be rejected with: `static constexpr auto rejects = troupe::codes("not_found", "out_of_stock");`.
/// Routes take their problems from it, and the engine reports a handler that says another no.
template <std::size_t... Sizes>
constexpr auto codes(const char (&... codes)[Sizes]) {
  return std::array<std::string_view, sizeof...(Sizes)>{std::string_view(codes, Sizes - 1)...};
}

template <Message M>
inline constexpr bool declares_rejects = requires { M::rejects; };

/// Empty where the message declares none.
template <Message M>
constexpr std::span<const std::string_view> rejects_of() {
  if constexpr (declares_rejects<M>) {
    return M::rejects;
  } else {
    return {};
  }
}

}  // namespace troupe
