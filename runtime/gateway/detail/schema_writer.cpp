#include <troupe/gateway/detail/schema_writer.hpp>

#include <algorithm>

namespace troupe::gateway::detail {
namespace {

using wire::Shape;

std::string_view json_type(Shape shape) {
  switch (shape) {
    case Shape::boolean:
      return "boolean";
    case Shape::integer:
      return "integer";
    case Shape::real:
      return "number";
    case Shape::list:
    case Shape::array:
    case Shape::set:
      return "array";
    case Shape::map:
    case Shape::variant:
    case Shape::aggregate:
      return "object";
    default:
      return "string";
  }
}

/// As the compilers spell it: a namespace without a name names nothing.
std::string without_unnamed(std::string_view full_name) {
  std::string name(full_name);
  for (const std::string_view unnamed : {"{anonymous}::", "(anonymous namespace)::"}) {
    for (auto at = name.find(unnamed); at != name.npos; at = name.find(unnamed)) name.erase(at, unnamed.size());
  }
  return name;
}

/// `shop::order::View` and `Page<shop::order::View>` become `order_View` and `Page_order_View`: the innermost namespace
/// tells equal names apart.
std::string component_name(std::string_view full_name) {
  std::string name;
  std::string word;
  std::vector<std::string> scopes;
  const auto flush = [&] {
    if (word.empty()) return;
    if (!name.empty()) name += '_';
    if (!scopes.empty()) name += scopes.back() + '_';
    name += word;
    word.clear();
    scopes.clear();
  };
  for (std::size_t i = 0; i < full_name.size(); ++i) {
    const char c = full_name[i];
    if (c == ':' && i + 1 < full_name.size() && full_name[i + 1] == ':') {
      if (!word.empty() && word != "troupe" && word != "std") scopes.push_back(word);
      word.clear();
      ++i;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') {
      word += c;
    } else {
      flush();
    }
  }
  flush();
  return name.empty() ? "Value" : name;
}

}  // namespace

std::string SchemaWriter::component(const wire::Schema& schema, Use use) {
  const auto known = names_.find({&schema, use});
  if (known != names_.end()) return known->second;
  std::string name = component_name(without_unnamed(schema.full_name));
  if (taken_.contains(name)) name += use == Use::input ? "_input" : "_answer";
  for (int i = 2; taken_.contains(name); ++i) name += '_' + std::to_string(i);
  taken_.insert(name);
  names_.emplace(std::pair(&schema, use), name);
  queue_.emplace_back(&schema, use);
  return name;
}

void SchemaWriter::write(JsonWriter& w, const wire::Schema& schema, const wire::FieldRules* rules, Use use,
                         std::string_view default_value) {
  if (schema.shape == Shape::optional) {
    const wire::Schema& inner = schema.element();
    if (inner.shape != Shape::aggregate) {
      w.open('{');
      write_members(w, inner, rules, use, true);
      if (!default_value.empty()) w.key("default").raw(default_value);
      w.close('}');
      return;
    }
    w.open('{').key("anyOf").open('[');
    write(w, inner, rules, use);
    w.open('{').text("type", "null").close('}').close(']').close('}');
    return;
  }
  w.open('{');
  if (schema.shape == Shape::aggregate) {
    w.text("$ref", "#/components/schemas/" + component(schema, use));
  } else {
    write_members(w, schema, rules, use, false);
    if (!default_value.empty()) w.key("default").raw(default_value);
  }
  w.close('}');
}

void SchemaWriter::write_members(JsonWriter& w, const wire::Schema& schema, const wire::FieldRules* rules, Use use,
                                 bool nullable) {
  if (nullable) {
    w.key("type").open('[').value(json_type(schema.shape)).value("null").close(']');
  } else {
    w.text("type", json_type(schema.shape));
  }
  const wire::FieldRules* each = rules && !rules->each.empty() ? &rules->each.front() : nullptr;
  switch (schema.shape) {
    case Shape::time:
      w.text("format", "date-time");
      break;
    case Shape::id:
      w.text("description", "An opaque id, chosen by the server");
      break;
    case Shape::duration:
      w.text("description", "A number and a unit: 250ms, 2s, 15m, 12h, 7d");
      break;
    case Shape::bytes:
      w.text("contentEncoding", "base64url");
      break;
    case Shape::text:
      w.text("description", schema.description);
      break;
    case Shape::enumeration:
      w.key("enum").open('[');
      for (const auto& name : schema.enumerators) w.value(name);
      if (nullable) w.raw("null");
      w.close(']');
      break;
    case Shape::integer:
      if (schema.bits == 64) w.text("format", "int64");
      break;
    case Shape::list:
    case Shape::array:
    case Shape::set:
      w.key("items");
      write(w, schema.element(), each, use);
      if (schema.shape == Shape::set) w.key("uniqueItems").raw("true");
      break;
    case Shape::map:
      w.key("additionalProperties");
      write(w, schema.element(), each, use);
      break;
    case Shape::variant:
      w.key("properties").open('{');
      for (const auto& one : schema.alternatives) {
        w.key(one.name);
        write(w, one.schema(), nullptr, use);
      }
      w.close('}').key("minProperties").number(1).key("maxProperties").number(1);
      break;
    default:
      break;
  }
  if (rules) write_rules(w, schema, *rules);
}

void SchemaWriter::write_rules(JsonWriter& w, const wire::Schema& schema, const wire::FieldRules& rules) {
  const auto limits = [&](std::string_view least, std::string_view most, const auto& both) {
    using Number = std::remove_cvref_t<decltype(both.least)>;
    std::string text;
    wire::write_json(text, both.least);
    w.key(least).raw(text);
    if (both.most == std::numeric_limits<Number>::max()) return;
    text.clear();
    wire::write_json(text, both.most);
    w.key(most).raw(text);
  };
  if (rules.length) limits("minLength", "maxLength", *rules.length);
  if (rules.items) limits("minItems", "maxItems", *rules.items);
  if (rules.range && schema.shape == Shape::integer) limits("minimum", "maximum", *rules.range);
  if (rules.real_range) limits("minimum", "maximum", *rules.real_range);
  std::string description;
  if (rules.bytes) {
    description = "From " + std::to_string(rules.bytes->least) + " to " + std::to_string(rules.bytes->most) + " bytes";
  }
  if (!rules.must_be.empty()) {
    if (!description.empty()) description += "; ";
    description += "must be ";
    description += rules.must_be;
  }
  const bool described = schema.shape == Shape::id || schema.shape == Shape::text || schema.shape == Shape::duration;
  if (!description.empty() && !described) w.text("description", description);
}

void SchemaWriter::write_fields(JsonWriter& w, const std::vector<wire::SchemaField>& fields, Use use) {
  w.open('{').text("type", "object");
  const bool any_required = std::any_of(fields.begin(), fields.end(), [&](const wire::SchemaField& f) {
    return use == Use::answer || f.schema().shape != Shape::optional;
  });
  if (any_required) {
    w.key("required").open('[');
    for (const auto& field : fields) {
      if (use == Use::answer || field.schema().shape != Shape::optional) w.value(field.name);
    }
    w.close(']');
  }
  w.key("properties").open('{');
  for (const auto& field : fields) {
    w.key(field.name);
    write(w, field.schema(), field.rules, use);
  }
  w.close('}');
  if (use == Use::input) w.key("additionalProperties").raw("false");
  w.close('}');
}

void SchemaWriter::write_components(JsonWriter& w) {
  // Writing one may refer to more, which join the queue.
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const auto [schema, use] = queue_[i];
    w.key(names_.at({schema, use}));
    write_fields(w, schema->fields, use);
  }
}

}  // namespace troupe::gateway::detail
