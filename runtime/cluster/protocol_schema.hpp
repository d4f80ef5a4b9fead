#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/contract/envelope.hpp>

/// A protocol as data, for peers that know another version of it.
namespace troupe::cluster {

struct MessageSchema {
  std::string name;
  Effect effect = Effect::once;
  Scope scope = Scope::entity;
  std::string message;  ///< as wire::describe() tells it
  std::string reply;
};

struct ProtocolSchema {
  std::string protocol;
  std::vector<MessageSchema> messages;  ///< by name
};

ProtocolSchema schema_of(const ProtocolInfo& protocol);

/// Equal if the schemas are equal, and the layout of compact asks is: then compact asks may be sent.
std::uint64_t fingerprint_of(const ProtocolInfo& protocol);

/// What keeps the two from understanding each other, as it changed from the first to the second; empty: nothing.
/// A message that only one of them has is no obstacle for the others.
std::string difference(const ProtocolSchema& from, const ProtocolSchema& to);

}  // namespace troupe::cluster
