#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/actor/envelope.hpp>

/// A protocol as data, for peers that know another version of it.
namespace troupe::cluster {

struct MessageForm {
  std::string name;
  Effect effect = Effect::once;
  Scope scope = Scope::entity;
  std::string message;  ///< as wire::describe() tells it
  std::string reply;
};

struct ProtocolForm {
  std::string protocol;
  std::vector<MessageForm> messages;  ///< by name
};

ProtocolForm form_of(const ProtocolInfo& protocol);

/// Equal where the form is, and the compact form of asks: then that may be used.
std::uint64_t fingerprint_of(const ProtocolInfo& protocol);

/// What keeps the two from understanding each other, as it changed from the first to the second; empty: nothing.
/// A message that only one of them has is no obstacle for the others.
std::string difference(const ProtocolForm& from, const ProtocolForm& to);

}  // namespace troupe::cluster
