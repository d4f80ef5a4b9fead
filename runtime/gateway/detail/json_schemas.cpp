#include <troupe/gateway/detail/json_schemas.hpp>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>

namespace troupe::gateway::detail {
namespace {

namespace json = boost::json;
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

std::string JsonSchemas::component(const wire::Schema& schema, Use use) {
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

json::object JsonSchemas::of(const wire::Schema& schema, const wire::FieldRules* rules, Use use,
                             std::string_view default_value) {
  if (schema.shape == Shape::aggregate) return {{"$ref", "#/components/schemas/" + component(schema, use)}};
  const bool optional = schema.shape == Shape::optional;
  if (optional && schema.element().shape == Shape::aggregate) {
    json::array any;
    any.emplace_back(of(schema.element(), rules, use));
    any.emplace_back(json::object{{"type", "null"}});
    return {{"anyOf", std::move(any)}};
  }
  json::object described =
      optional ? of_value(schema.element(), rules, use, Null::allowed) : of_value(schema, rules, use, Null::refused);
  if (!default_value.empty()) described["default"] = json::parse(default_value);
  return described;
}

json::object JsonSchemas::of_value(const wire::Schema& schema, const wire::FieldRules* rules, Use use, Null null) {
  json::object described;
  if (null == Null::allowed) {
    json::array types;
    types.emplace_back(json_type(schema.shape));
    types.emplace_back("null");
    described["type"] = std::move(types);
  } else {
    described["type"] = json_type(schema.shape);
  }
  add_shape(described, schema, rules && !rules->each.empty() ? &rules->each.front() : nullptr, use, null);
  if (rules) add_rules(described, schema, *rules);
  return described;
}

void JsonSchemas::add_shape(json::object& described, const wire::Schema& schema, const wire::FieldRules* each, Use use,
                            Null null) {
  switch (schema.shape) {
    case Shape::time:
      described["format"] = "date-time";
      break;
    case Shape::id:
      described["description"] = "An opaque id, chosen by the server";
      break;
    case Shape::duration:
      described["description"] = "A number and a unit: 250ms, 2s, 15m, 12h, 7d";
      break;
    case Shape::bytes:
      described["contentEncoding"] = "base64url";
      break;
    case Shape::text:
      described["description"] = schema.description;
      break;
    case Shape::enumeration: {
      json::array names;
      for (const auto& name : schema.enumerators) names.emplace_back(name);
      if (null == Null::allowed) names.emplace_back(nullptr);
      described["enum"] = std::move(names);
      break;
    }
    case Shape::integer:
      if (schema.bits == 64) described["format"] = "int64";
      break;
    case Shape::list:
    case Shape::array:
    case Shape::set:
      described["items"] = of(schema.element(), each, use);
      if (schema.shape == Shape::set) described["uniqueItems"] = true;
      break;
    case Shape::map:
      described["additionalProperties"] = of(schema.element(), each, use);
      break;
    case Shape::variant: {
      json::object alternatives;
      for (const auto& one : schema.alternatives) alternatives[one.name] = of(one.schema(), nullptr, use);
      described["properties"] = std::move(alternatives);
      described["minProperties"] = 1;
      described["maxProperties"] = 1;
      break;
    }
    default:
      break;
  }
}

void JsonSchemas::add_rules(json::object& described, const wire::Schema& schema, const wire::FieldRules& rules) {
  const auto limits = [&](std::string_view least, std::string_view most, const auto& both) {
    using Number = std::remove_cvref_t<decltype(both.least)>;
    described[least] = both.least;
    if (both.most != std::numeric_limits<Number>::max()) described[most] = both.most;
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
  const bool says_more = schema.shape == Shape::id || schema.shape == Shape::text || schema.shape == Shape::duration;
  if (!description.empty() && !says_more) described["description"] = description;
}

json::object JsonSchemas::of_fields(const std::vector<wire::SchemaField>& fields, Use use) {
  json::array required;
  json::object properties;
  for (const auto& field : fields) {
    if (use == Use::answer || field.schema().shape != Shape::optional) required.emplace_back(field.name);
    properties[field.name] = of(field.schema(), field.rules, use);
  }
  json::object described{{"type", "object"}};
  if (!required.empty()) described["required"] = std::move(required);
  described["properties"] = std::move(properties);
  if (use == Use::input) described["additionalProperties"] = false;
  return described;
}

json::object JsonSchemas::components() {
  json::object components;
  // Describing one may refer to more, which join the queue.
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const auto [schema, use] = queue_[i];
    components[names_.at({schema, use})] = of_fields(schema->fields, use);
  }
  return components;
}

}  // namespace troupe::gateway::detail
