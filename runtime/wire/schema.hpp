#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/wire/checker.hpp>
#include <troupe/wire/shape.hpp>

/// Types as data: what the API description is printed from, and what two nodes compare before they talk.
///
///     const wire::Schema& order = wire::schema_of<Order>();
///     for (const auto& field : order.fields) print(field.name, field.schema().shape, field.rules);
///
namespace troupe::wire {

struct Schema;

/// A type's schema, fetched when looked at, because a type may hold itself. Each type has one object.
using SchemaOf = const Schema& (*)();

struct SchemaField {
  std::string_view name;
  SchemaOf schema = nullptr;          // an optional field's shape is Shape::optional
  const FieldRules* rules = nullptr;  // null where its aggregate states none
};

struct SchemaAlternative {
  std::string_view name;
  SchemaOf schema = nullptr;
};

/// Lifetime: of the program.
struct Schema {
  Shape shape = Shape::aggregate;
  std::string_view name;         // of an aggregate, enum or text form: the type's own; of an id: its tag
  std::string_view full_name;    // the same with namespaces and template arguments, as this compiler spells it
  std::string_view description;  // text form: what it is
  unsigned bits = 0;             // integer, real
  bool is_signed = false;        // integer
  std::size_t size = 0;          // array
  SchemaOf element = nullptr;    // optional, list, array, set; a map's values
  SchemaOf key = nullptr;        // map
  std::vector<std::string_view> enumerators;    // enumeration
  std::vector<SchemaField> fields;              // aggregate
  std::vector<SchemaAlternative> alternatives;  // variant
};

/// Threads: any.
template <class T>
const Schema& schema_of();

/// What a peer must know to read positional encoding: shapes, sizes, order, and the names that travel when keyed;
/// neither type names nor rules. `{product:string,quantity:u32,}`; `^1` stands for the innermost aggregate around it,
/// `^2` for the one around that.
std::string describe(const Schema& schema);

/// Equal exactly where `describe` is, but for chance.
std::uint64_t fingerprint(const Schema& schema);

template <class T>
std::uint64_t fingerprint() {
  static const std::uint64_t value = fingerprint(schema_of<T>());
  return value;
}

namespace detail {

template <class T>
std::vector<SchemaField> schema_fields() {
  const TypeRules& rules = rules_of<T>();
  std::vector<SchemaField> fields;
  const T specimen{};
  for_each_field(specimen, [&](std::string_view name, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    fields.push_back({name, &schema_of<Field>, rules.empty() ? nullptr : &rules[fields.size()]});
  });
  return fields;
}

template <class V, std::size_t... I>
std::vector<SchemaAlternative> schema_alternatives(std::index_sequence<I...>) {
  return {{alternative_names<V>()[I], &schema_of<std::variant_alternative_t<I, V>>}...};
}

template <class T>
Schema make_schema() {
  constexpr Shape shape = shape_of<T>;
  Schema schema;
  schema.shape = shape;
  if constexpr (shape == Shape::integer || shape == Shape::real) {
    schema.bits = sizeof(T) * 8;
    schema.is_signed = std::is_signed_v<wire::NumberOf<T>>;
  } else if constexpr (shape == Shape::id) {
    if constexpr (!std::same_as<T, Uuid>) schema.name = T::tag;
  } else if constexpr (shape == Shape::enumeration || shape == Shape::text || shape == Shape::aggregate) {
    schema.name = type_name<T>();
    schema.full_name = full_type_name<T>();
  }
  if constexpr (shape == Shape::text) {
    schema.description = TextCodec<T>::description;
  } else if constexpr (shape == Shape::enumeration) {
    for (const auto& enumerator : enumerators<T>) schema.enumerators.push_back(enumerator.name);
  } else if constexpr (shape == Shape::map) {
    schema.key = &schema_of<typename T::key_type>;
    schema.element = &schema_of<typename T::mapped_type>;
  } else if constexpr (shape == Shape::variant) {
    schema.alternatives = schema_alternatives<T>(std::make_index_sequence<std::variant_size_v<T>>{});
  } else if constexpr (shape == Shape::aggregate) {
    schema.fields = schema_fields<T>();
  } else if constexpr (!is_scalar(shape) && shape != Shape::none) {
    schema.element = &schema_of<typename T::value_type>;
    if constexpr (shape == Shape::array) schema.size = std::tuple_size_v<T>;
  }
  return schema;
}

}  // namespace detail

template <class T>
const Schema& schema_of() {
  static const Schema schema = detail::make_schema<T>();
  return schema;
}

}  // namespace troupe::wire
