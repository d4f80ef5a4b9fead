#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/protocol.hpp>
#include <troupe/contract/shared.hpp>
#include <troupe/wire/msgpack.hpp>
#include <troupe/wire/schema.hpp>

/// Descriptors: what the engine and the links know of messages whose types they have never seen.
namespace troupe {

class Envelope;
using EnvelopePtr = Shared<Envelope>;

struct ProtocolInfo;

/// What the engine knows of a message type: its place in its protocol, and its codecs.
struct MessageInfo {
  const ProtocolInfo* protocol;
  std::uint16_t index;
  std::string_view name;
  Effect effect;
  Scope scope;
  std::string (*message_to_json)(const Envelope&);
  std::string (*reply_to_json)(const Envelope&);
  /// Errors: a null pointer, with the faults.
  EnvelopePtr (*from_json)(std::string_view json, std::vector<Fault>& faults);
  /// Sets the reply from its stored form. Errors: false, with the faults.
  bool (*reply_from_json)(Envelope&, std::string_view json, std::vector<Fault>& faults);
  /// Applies the message's own field rules.
  void (*validate)(const Envelope&, std::vector<Fault>& faults);
  /// A new envelope with a copy of the message, to be asked in place of the first: of the same asker, for the same
  /// operation. Reads only what nobody writes while the first is under way. Null: the message can't be copied.
  EnvelopePtr (*copy)(const Envelope&);

  // Between nodes.
  wire::SchemaOf message_schema;
  wire::SchemaOf reply_schema;
  void (*message_to_msgpack)(const Envelope&, Bytes& out, wire::Encoding);
  void (*reply_to_msgpack)(const Envelope&, Bytes& out, wire::Encoding);
  /// Errors: a null pointer, with the faults.
  EnvelopePtr (*from_msgpack)(std::span<const std::byte> octets, wire::Encoding, std::vector<Fault>& faults);
  /// Errors: false, with the faults.
  bool (*reply_from_msgpack)(Envelope&, std::span<const std::byte> octets, wire::Encoding, std::vector<Fault>& faults);
  /// The codes that it may be rejected with; unset: it does not say.
  std::optional<std::span<const std::string_view>> rejects;
  /// Of directory messages: sets the reply from those of `parts`, which are consumed, or a failure.
  void (*merge)(Envelope& whole, std::span<const EnvelopePtr> parts);
};

struct ProtocolInfo {
  std::string_view name;
  const MessageInfo* const* messages;
  std::size_t size;
};

/// Null: the protocol has no message of this name.
inline const MessageInfo* find_message_of(const ProtocolInfo& protocol, std::string_view name) {
  for (std::size_t i = 0; i < protocol.size; ++i) {
    if (protocol.messages[i]->name == name) return protocol.messages[i];
  }
  return nullptr;
}

}  // namespace troupe
