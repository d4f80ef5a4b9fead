#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/message.hpp>
#include <troupe/node/application.hpp>
#include <troupe/wire/fault.hpp>
#include <troupe/wire/schema_compatibility.hpp>

namespace troupe::cli {

struct FieldDocument {
  std::string name;
  std::string type;  ///< as `wire::describe` tells it
};

struct MessageDocument {
  std::string name;
  Effect effect = Effect::once;
  Scope scope = Scope::entity;
  std::vector<FieldDocument> fields;
  std::string reply;
};

struct ProtocolDocument {
  std::string name;
  std::vector<MessageDocument> messages;
};

/// The protocols of an application as `schema` prints them, to be kept beside a release and compared with the next.
struct SchemaDocument {
  std::string application;
  std::vector<ProtocolDocument> protocols;  ///< by name
};

SchemaDocument schema_document(const node::Application& application);

/// JSON, a line for each message, the same for the same protocols.
std::string to_json(const SchemaDocument& document);

/// Errors: nothing, with the faults.
std::optional<SchemaDocument> read_schema_document(std::string_view json, std::vector<Fault>& faults);

/// Every difference; paths begin with the protocol and the message: `order.Place.items[].quantity`. A message's
/// effect and scope are part of its contract; messages and protocols may be added.
std::vector<wire::SchemaChange> compare(const SchemaDocument& before, const SchemaDocument& after);

}  // namespace troupe::cli
