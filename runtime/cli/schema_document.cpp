#include <troupe/cli/schema_document.hpp>

#include <algorithm>
#include <utility>

#include <troupe/wire/enumerators.hpp>
#include <troupe/wire/json.hpp>
#include <troupe/wire/schema.hpp>

namespace troupe::cli {

namespace {

using wire::Compatibility;
using wire::SchemaChange;

MessageDocument describe_message(const MessageInfo& message) {
  MessageDocument document;
  document.name = message.name;
  document.effect = message.effect;
  document.scope = message.scope;
  for (const auto& field : message.message_schema().fields) {
    document.fields.push_back({std::string(field.name), describe(field.schema())});
  }
  document.reply = describe(message.reply_schema());
  return document;
}

ProtocolDocument describe_protocol(const ProtocolInfo& protocol) {
  ProtocolDocument document;
  document.name = protocol.name;
  for (std::size_t i = 0; i < protocol.size; ++i) document.messages.push_back(describe_message(*protocol.messages[i]));
  return document;
}

/// The message as one type again.
std::string type_of(const MessageDocument& message) {
  std::string type = "{";
  for (const auto& field : message.fields) type += field.name + ":" + field.type + ",";
  return type + "}";
}

template <class Items>
auto* find(Items& items, const std::string& name) {
  const auto found = std::ranges::find_if(items, [&](const auto& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

class Comparison {
 public:
  std::vector<SchemaChange> take() { return std::move(changes_); }

  void protocols(const SchemaDocument& before, const SchemaDocument& after) {
    for (const auto& protocol : before.protocols) {
      if (const auto* now = find(after.protocols, protocol.name)) {
        messages(protocol, *now);
      } else {
        add(Compatibility::breaking, protocol.name, "the protocol was removed");
      }
    }
    for (const auto& protocol : after.protocols) {
      if (find(before.protocols, protocol.name)) continue;
      add(Compatibility::compatible, protocol.name, "the protocol was added");
    }
  }

 private:
  void add(Compatibility compatibility, std::string path, std::string what) {
    changes_.push_back({compatibility, std::move(path), std::move(what)});
  }

  void messages(const ProtocolDocument& before, const ProtocolDocument& after) {
    for (const auto& message : before.messages) {
      const std::string path = before.name + "." + message.name;
      if (const auto* now = find(after.messages, message.name)) {
        contract(path, message, *now);
      } else {
        add(Compatibility::breaking, path, "the message was removed");
      }
    }
    for (const auto& message : after.messages) {
      if (find(before.messages, message.name)) continue;
      add(Compatibility::compatible, before.name + "." + message.name, "the message was added");
    }
  }

  void contract(const std::string& path, const MessageDocument& before, const MessageDocument& after) {
    if (before.effect != after.effect) named(path, "effect", before.effect, after.effect);
    if (before.scope != after.scope) named(path, "scope", before.scope, after.scope);
    types(path, type_of(before), type_of(after));
    types(path + " reply", before.reply, after.reply);
  }

  template <class E>
  void named(const std::string& path, std::string_view what, E before, E after) {
    add(Compatibility::breaking, path,
        "its " + std::string(what) + " changed from " + std::string(wire::enum_name(before)) + " to " +
            std::string(wire::enum_name(after)));
  }

  void types(const std::string& path, const std::string& before, const std::string& after) {
    for (auto& change : wire::compare(before, after)) {
      add(change.compatibility, change.path.empty() ? path : path + "." + change.path, std::move(change.what));
    }
  }

  std::vector<SchemaChange> changes_;
};

}  // namespace

SchemaDocument schema_document(const node::Application& application) {
  SchemaDocument document;
  document.application = application.name();
  for (const auto* protocol : application.protocols()) document.protocols.push_back(describe_protocol(*protocol));
  std::ranges::sort(document.protocols, {}, &ProtocolDocument::name);
  return document;
}

std::string to_json(const SchemaDocument& document) {
  std::string text = "{\"application\":" + wire::to_json(document.application) + ",\"protocols\":[";
  for (std::size_t i = 0; i < document.protocols.size(); ++i) {
    const auto& protocol = document.protocols[i];
    text += (i == 0 ? "\n" : ",\n") + ("{\"name\":" + wire::to_json(protocol.name)) + ",\"messages\":[";
    for (std::size_t j = 0; j < protocol.messages.size(); ++j) {
      text += (j == 0 ? "\n  " : ",\n  ") + wire::to_json(protocol.messages[j]);
    }
    text += "]}";
  }
  return text + "]}\n";
}

std::optional<SchemaDocument> read_schema_document(std::string_view json, std::vector<Fault>& faults) {
  // A later version may have more to tell.
  auto document = wire::from_json<SchemaDocument>(json, {}, wire::Unknown::skip);
  if (!document) {
    faults = document.faults();
    return std::nullopt;
  }
  for (const auto& protocol : document->protocols) {
    for (const auto& message : protocol.messages) {
      if (wire::read_description(type_of(message)) && wire::read_description(message.reply)) continue;
      faults.push_back({"/protocols", "holds " + protocol.name + "." + message.name + ", whose types cannot be read"});
    }
  }
  if (!faults.empty()) return std::nullopt;
  return std::move(*document);
}

std::vector<SchemaChange> compare(const SchemaDocument& before, const SchemaDocument& after) {
  Comparison comparison;
  comparison.protocols(before, after);
  return comparison.take();
}

}  // namespace troupe::cli
