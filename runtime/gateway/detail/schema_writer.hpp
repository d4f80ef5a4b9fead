#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/gateway/detail/json_writer.hpp>
#include <troupe/wire/schema.hpp>

namespace troupe::gateway::detail {

/// Prints wire schemas as JSON Schema; aggregates become components that others refer to.
class SchemaWriter {
 public:
  enum class Use : std::uint8_t {
    input,   ///< an optional field may be absent, an unknown one is refused
    answer,  ///< every field is there
  };

  /// The schema of a value, with the rules of the field that holds it.
  void write(JsonWriter& w, const wire::Schema& schema, const wire::FieldRules* rules, Use use,
             std::string_view default_value = {});
  /// An aggregate with only some of its fields, written in place.
  void write_fields(JsonWriter& w, const std::vector<wire::SchemaField>& fields, Use use);

  /// `"Name":{…}` for every aggregate that was referred to, as members of an open object.
  void write_components(JsonWriter& w);

 private:
  std::string component(const wire::Schema& schema, Use use);
  void write_members(JsonWriter& w, const wire::Schema& schema, const wire::FieldRules* rules, Use use, bool nullable);
  void write_rules(JsonWriter& w, const wire::Schema& schema, const wire::FieldRules& rules);

  std::map<std::pair<const wire::Schema*, Use>, std::string> names_;
  std::set<std::string> taken_;
  std::vector<std::pair<const wire::Schema*, Use>> queue_;
};

}  // namespace troupe::gateway::detail
