#include <troupe/cluster/protocol_schema.hpp>

#include <algorithm>

#include <troupe/cluster/ask_codec.hpp>
#include <troupe/wire/enumerators.hpp>
#include <troupe/wire/hash.hpp>
#include <troupe/wire/schema_compatibility.hpp>

namespace troupe::cluster {

namespace {

/// Differences beyond these are only counted.
constexpr std::size_t most_differences = 3;

void add_types(std::vector<std::string>& differences, const std::string& place, const std::string& from,
               const std::string& to) {
  for (const auto& change : wire::compare(from, to)) {
    if (change.compatibility == wire::Compatibility::compatible) continue;
    differences.push_back((change.path.empty() ? place : place + '.' + change.path) + ' ' + change.what);
  }
}

template <class E>
void add_named(std::vector<std::string>& differences, const std::string& place, std::string_view what, E from, E to) {
  if (from == to) return;
  differences.push_back(place + " changed its " + std::string(what) + " from " + std::string(wire::enum_name(from)) +
                        " to " + std::string(wire::enum_name(to)));
}

}  // namespace

ProtocolSchema schema_of(const ProtocolInfo& protocol) {
  ProtocolSchema schema;
  schema.protocol = protocol.name;
  for (std::size_t i = 0; i < protocol.size; ++i) {
    const MessageInfo& message = *protocol.messages[i];
    schema.messages.push_back({std::string(message.name), message.effect, message.scope,
                               wire::describe(message.message_schema()), wire::describe(message.reply_schema())});
  }
  std::ranges::sort(schema.messages, {}, &MessageSchema::name);
  return schema;
}

std::uint64_t fingerprint_of(const ProtocolInfo& protocol) {
  std::string text = std::string(compact_version) + wire::describe(wire::schema_of<WirePart>());
  for (const auto& message : schema_of(protocol).messages) {
    text += '\n' + message.name + ' ' + std::string(wire::enum_name(message.effect)) + ' ' +
            std::string(wire::enum_name(message.scope)) + ' ' + message.message + ' ' + message.reply;
  }
  return wire::stable_hash(text);
}

std::string difference(const ProtocolSchema& from, const ProtocolSchema& to) {
  std::vector<std::string> differences;
  for (const auto& message : from.messages) {
    const auto other = std::ranges::find(to.messages, message.name, &MessageSchema::name);
    if (other == to.messages.end()) continue;
    add_named(differences, message.name, "effect", message.effect, other->effect);
    add_named(differences, message.name, "scope", message.scope, other->scope);
    add_types(differences, message.name, message.message, other->message);
    add_types(differences, "the reply of " + message.name, message.reply, other->reply);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(differences.size(), most_differences); ++i) {
    text += (i == 0 ? "" : "; ") + differences[i];
  }
  if (differences.size() > most_differences) {
    text += "; and " + std::to_string(differences.size() - most_differences) + " more";
  }
  return text;
}

}  // namespace troupe::cluster
