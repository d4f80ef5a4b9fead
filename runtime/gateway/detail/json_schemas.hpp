#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/wire/schema.hpp>

namespace troupe::gateway::detail {

/// Describes wire schemas as JSON Schema; aggregates become components that others refer to.
class JsonSchemas {
 public:
  enum class Use : std::uint8_t {
    input,   ///< an optional field may be absent, an unknown one is refused
    answer,  ///< every field is there
  };

  /// The schema of a value, with the rules of the field that holds it. `default_value` is JSON; empty: none.
  boost::json::object of(const wire::Schema& schema, const wire::FieldRules* rules, Use use,
                         std::string_view default_value = {});
  /// An aggregate with only some of its fields.
  boost::json::object of_fields(const std::vector<wire::SchemaField>& fields, Use use);

  /// The schema of every aggregate that was referred to, by name.
  boost::json::object components();

 private:
  enum class Null : std::uint8_t { refused, allowed };

  std::string component(const wire::Schema& schema, Use use);
  boost::json::object of_value(const wire::Schema& schema, const wire::FieldRules* rules, Use use, Null null);
  void add_shape(boost::json::object& described, const wire::Schema& schema, const wire::FieldRules* each, Use use,
                 Null null);
  static void add_rules(boost::json::object& described, const wire::Schema& schema, const wire::FieldRules& rules);

  std::map<std::pair<const wire::Schema*, Use>, std::string> names_;
  std::set<std::string> taken_;
  std::vector<std::pair<const wire::Schema*, Use>> queue_;
};

}  // namespace troupe::gateway::detail
