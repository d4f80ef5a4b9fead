#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/contract/envelope.hpp>
#include <troupe/contract/message_info.hpp>
#include <troupe/contract/page.hpp>
#include <troupe/contract/protocol.hpp>
#include <troupe/wire/decoded.hpp>
#include <troupe/wire/json.hpp>
#include <troupe/wire/msgpack.hpp>

/// Envelopes with a message in them, and the descriptors that reach it without knowing its type.
namespace troupe {

/// An envelope with its message and room for the reply.
template <Message M>
class TypedEnvelope final : public Envelope {
 public:
  M message;
  std::optional<ReplyOf<M>> reply;

  template <class... A>
  explicit TypedEnvelope(const MessageInfo* info, std::in_place_t, A&&... args)
      : Envelope(info), message{std::forward<A>(args)...} {}
  TypedEnvelope(const MessageInfo* info, M&& m) : Envelope(info), message(std::move(m)) {}
};

namespace detail {

template <Message M>
std::string message_to_json(const Envelope& e) {
  return wire::to_json(static_cast<const TypedEnvelope<M>&>(e).message);
}

template <Message M>
std::string reply_to_json(const Envelope& e) {
  static_assert(!wire::holds_secret<ReplyOf<M>>,
                "a reply holds no Secret: replies are kept for repetitions, and shown");
  return wire::to_json(*static_cast<const TypedEnvelope<M>&>(e).reply);
}

/// Puts a reply that was read into its envelope. Errors: false, with the faults.
template <Message M>
bool take_reply(Envelope& e, wire::Decoded<ReplyOf<M>> decoded, std::vector<Fault>& faults) {
  if (!decoded) {
    faults = std::move(decoded).faults();
    return false;
  }
  static_cast<TypedEnvelope<M>&>(e).reply.emplace(*std::move(decoded));
  return true;
}

template <Message M>
bool reply_from_json(Envelope& e, std::string_view json, std::vector<Fault>& faults) {
  return take_reply<M>(e, wire::from_stored_json<ReplyOf<M>>(json), faults);
}

template <Message M>
void validate(const Envelope& e, std::vector<Fault>& faults) {
  wire::validate(static_cast<const TypedEnvelope<M>&>(e).message, faults);
}

template <Message M>
void message_to_msgpack(const Envelope& e, Bytes& out, wire::Encoding encoding) {
  wire::write_msgpack(out, static_cast<const TypedEnvelope<M>&>(e).message, encoding);
}

template <Message M>
void reply_to_msgpack(const Envelope& e, Bytes& out, wire::Encoding encoding) {
  wire::write_msgpack(out, *static_cast<const TypedEnvelope<M>&>(e).reply, encoding);
}

template <Message M>
bool reply_from_msgpack(Envelope& e, std::span<const std::byte> octets, wire::Encoding encoding,
                        std::vector<Fault>& faults) {
  return take_reply<M>(e, wire::from_msgpack<ReplyOf<M>>(octets, encoding), faults);
}

template <Message M>
EnvelopePtr copy_envelope(const Envelope& e) {
  EnvelopePtr copy(new TypedEnvelope<M>(e.info, M(static_cast<const TypedEnvelope<M>&>(e).message)));
  copy->set_header(e.header());
  return copy;
}
template <Message M>
inline constexpr EnvelopePtr (*copier_of)(const Envelope&) = [] {
  if constexpr (std::is_copy_constructible_v<M>) {
    return &copy_envelope<M>;
  } else {
    return nullptr;
  }
}();

/// Such a page would lose its rows where several nodes share them out, so it is an error wherever it is made.
inline std::unique_ptr<Failure> untraced_page(const MessageInfo& info) {
  return std::make_unique<Failure>(Failure::unknown(
      failure_code::actor_crashed, "the page that answers " + std::string(info.protocol->name) + '.' +
                                       std::string(info.name) + " was not made by rows.page(), or was changed after"));
}

/// Nodes that know a message alike may still have handlers of different builds.
inline std::unique_ptr<Failure> mixed_orders(const MessageInfo& info) {
  return std::make_unique<Failure>(Failure::not_executed(
      failure_code::incompatible,
      "the nodes list " + std::string(info.protocol->name) + '.' + std::string(info.name) + " in different orders"));
}

template <Message M>
void merge_envelopes(Envelope& whole, std::span<const EnvelopePtr> parts) {
  using Reply = ReplyOf<M>;
  static_assert(Mergeable<Reply>, "the reply of a directory message is a Page or a vector: rows lie on several nodes");
  static_assert(std::is_copy_constructible_v<M>, "a directory message can be copied: each node gets one");
  std::vector<DirectoryPart<Reply>> replies;
  for (const auto& part : parts) {
    auto& typed = static_cast<TypedEnvelope<M>&>(*part);
    replies.push_back({std::move(*typed.reply), typed.trace ? std::move(*typed.trace) : PageTrace{}});
    if (is_traced(replies.back().reply, replies.back().trace)) continue;
    whole.failure = untraced_page(*whole.info);
    return;
  }
  if (!have_one_order(replies)) {
    whole.failure = mixed_orders(*whole.info);
    return;
  }
  static_cast<TypedEnvelope<M>&>(whole).reply.emplace(merge_parts(std::move(replies)));
}
template <Message M>
inline constexpr void (*merger_of)(Envelope&, std::span<const EnvelopePtr>) = [] {
  if constexpr (scope_of<M> == Scope::directory) {
    return &merge_envelopes<M>;
  } else {
    return nullptr;
  }
}();

template <class Api, class M>
EnvelopePtr envelope_from_json(std::string_view json, std::vector<Fault>& faults);
template <class Api, class M>
EnvelopePtr envelope_from_msgpack(std::span<const std::byte> octets, wire::Encoding encoding,
                                  std::vector<Fault>& faults);

/// Static members, since descriptors of messages and of their protocol point to each other.
template <class Api>
struct Descriptors {
  static const ProtocolInfo protocol;
  template <Message M>
  static const MessageInfo message;
};

template <class Api, class Messages>
struct MessageList;
template <class Api, Message... Ms>
struct MessageList<Api, MessageTypes<Ms...>> {
  static constexpr const MessageInfo* messages[] = {&Descriptors<Api>::template message<Ms>...};
};

template <class Api>
const ProtocolInfo Descriptors<Api>::protocol = {Api::name, MessageList<Api, typename Api::Messages>::messages,
                                                 Api::size};

template <class Api>
template <Message M>
const MessageInfo Descriptors<Api>::message = {
    &Descriptors<Api>::protocol,
    static_cast<std::uint16_t>(Api::template index_of<M>),
    wire::type_name<M>(),
    effect_of<M>,
    scope_of<M>,
    &message_to_json<M>,
    &reply_to_json<M>,
    &envelope_from_json<Api, M>,
    &reply_from_json<M>,
    &validate<M>,
    copier_of<M>,
    &wire::schema_of<M>,
    &wire::schema_of<ReplyOf<M>>,
    &message_to_msgpack<M>,
    &reply_to_msgpack<M>,
    &envelope_from_msgpack<Api, M>,
    &reply_from_msgpack<M>,
    declares_rejects<M> ? std::optional(rejects_of<M>()) : std::nullopt,
    merger_of<M>,
};

}  // namespace detail

/// The descriptor of message M in protocol Api; its address identifies it in this process.
template <class Api, Message M>
inline constexpr const MessageInfo& message_info = detail::Descriptors<Api>::template message<M>;

/// The descriptor of protocol Api; its address identifies it in this process.
template <class Api>
inline constexpr const ProtocolInfo& protocol_info = detail::Descriptors<Api>::protocol;

namespace detail {

template <class Api, class M>
EnvelopePtr envelope_from_json(std::string_view json, std::vector<Fault>& faults) {
  auto decoded = wire::from_stored_json<M>(json);
  if (!decoded) {
    faults = decoded.faults();
    return {};
  }
  return EnvelopePtr(new TypedEnvelope<M>(&message_info<Api, M>, std::move(*decoded)));
}

template <class Api, class M>
EnvelopePtr envelope_from_msgpack(std::span<const std::byte> octets, wire::Encoding encoding,
                                  std::vector<Fault>& faults) {
  auto decoded = wire::from_msgpack<M>(octets, encoding);
  if (!decoded) {
    faults = decoded.faults();
    return {};
  }
  return EnvelopePtr(new TypedEnvelope<M>(&message_info<Api, M>, std::move(*decoded)));
}

/// An envelope of M from its fields in order, or from one message that is moved in.
template <class Api, Message M, class... Fields>
EnvelopePtr make_envelope(Fields&&... fields) {
  if constexpr (sizeof...(Fields) == 1 && (std::is_same_v<std::remove_cvref_t<Fields>, M> && ...)) {
    return EnvelopePtr(new TypedEnvelope<M>(&message_info<Api, M>, M(std::forward<Fields>(fields)...)));
  } else {
    return EnvelopePtr(new TypedEnvelope<M>(&message_info<Api, M>, std::in_place, std::forward<Fields>(fields)...));
  }
}

}  // namespace detail

}  // namespace troupe
