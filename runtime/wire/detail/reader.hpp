#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/wire/detail/node.hpp>
#include <troupe/wire/fault.hpp>
#include <troupe/wire/shape.hpp>

// The typed walk over a parsed document, the same for every format.
namespace troupe::wire {

/// What to do with a field that the type does not have.
enum class Unknown : std::uint8_t { refuse, skip };

/// What a missing field that is not optional means.
enum class Missing : std::uint8_t { refuse, default_value };

namespace detail {

enum class Format : std::uint8_t { json, text, msgpack_positional, msgpack_keyed };

struct ReadRules {
  Format format = Format::json;
  Unknown unknown = Unknown::refuse;
  Missing missing = Missing::refuse;
};

/// The untyped part of the walk: scalars, and the matching of fields. Everything wrong becomes a fault.
class Reader {
 public:
  Reader(ReadRules rules, std::vector<Fault>& faults) : rules_(rules), faults_(faults) {}

  void fault(const Path& path, std::string detail) { add_fault(faults_, path, std::move(detail)); }
  bool keeps_defaults() const { return rules_.missing == Missing::default_value; }

  void read_boolean(const Node& node, const Path& path, bool& out);
  std::int64_t read_signed(const Node& node, const Path& path, std::int64_t least, std::int64_t most);
  std::uint64_t read_unsigned(const Node& node, const Path& path, std::uint64_t most);
  double read_real(const Node& node, const Path& path, double most);
  void read_string(const Node& node, const Path& path, std::string& out);
  void read_string(const Node& node, const Path& path, Secret& out);
  void read_bytes(const Node& node, const Path& path, Bytes& out);
  void read_time(const Node& node, const Path& path, Time& out);
  void read_duration(const Node& node, const Path& path, Duration& out);
  void read_id(const Node& node, const Path& path, Uuid& out);
  void read_id_key(const Node& node, const Path& path, Uuid& out);
  /// Empty, with a fault, where the node is no text.
  std::optional<std::string_view> read_text(const Node& node, const Path& path);
  /// A position in `names`; names.size(), with a fault, where the node names none.
  std::size_t read_name(const Node& node, const Path& path, std::span<const std::string_view> names);

  /// An integer, id or text-form key stands as text in JSON.
  Reader for_keys() const;

  /// Finds the node of each field; the slots of absent ones stay null. False where the node is no aggregate at all.
  bool match_fields(const Node& node, const Path& path, std::span<const std::string_view> names,
                    std::span<const Node*> slots);
  void missing_field(const Path& path);

  bool expect_array(const Node& node, const Path& path);
  bool expect_object(const Node& node, const Path& path);
  /// The value of the chosen alternative, and which it is; null, with a fault, where there is none.
  std::pair<std::size_t, const Node*> read_alternative(const Node& node, const Path& path,
                                                       std::span<const std::string_view> names);

 private:
  bool match_members(const Node& node, const Path& path, std::span<const std::string_view> names,
                     std::span<const Node*> slots);
  bool match_items(const Node& node, const Path& path, std::span<const Node*> slots);

  ReadRules rules_;
  std::vector<Fault>& faults_;
};

/// A container reserves no more than this for elements that it has not read yet.
inline constexpr std::size_t max_reserved_elements = 4096;
constexpr std::size_t reserved_elements(std::size_t announced) {
  return announced < max_reserved_elements ? announced : max_reserved_elements;
}

template <class T>
void read_value(Reader& reader, const Node& node, T& out, const Path& path);

template <class T>
void read_integer(Reader& reader, const Node& node, T& out, const Path& path) {
  using Number = wire::NumberOf<T>;
  using Range = std::numeric_limits<Number>;
  if constexpr (std::is_signed_v<Number>) {
    out = static_cast<T>(reader.read_signed(node, path, Range::min(), Range::max()));
  } else {
    out = static_cast<T>(reader.read_unsigned(node, path, Range::max()));
  }
}

/// The largest double that is rounded to a finite T.
template <class T>
inline constexpr double largest_double_for =
    std::same_as<T, float> ? 0x1.fffffefffffffp+127 : std::numeric_limits<double>::max();

template <class T>
void read_text_codec(Reader& reader, const Node& node, T& out, const Path& path) {
  const std::optional<std::string_view> text = reader.read_text(node, path);
  if (!text) return;
  std::optional<T> value = TextCodec<T>::from_text(*text);
  if (value) {
    out = std::move(*value);
  } else {
    reader.fault(path, std::string("must be ").append(TextCodec<T>::description));
  }
}

template <class E>
inline constexpr auto enumerator_name_list = [] {
  std::array<std::string_view, enumerators<E>.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = enumerators<E>[i].name;
  return names;
}();

template <class T>
void read_scalar(Reader& reader, const Node& node, T& out, const Path& path) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (shape == Shape::boolean) {
    reader.read_boolean(node, path, out);
  } else if constexpr (shape == Shape::integer) {
    read_integer(reader, node, out, path);
  } else if constexpr (shape == Shape::real) {
    out = static_cast<T>(reader.read_real(node, path, largest_double_for<T>));
  } else if constexpr (shape == Shape::string) {
    reader.read_string(node, path, out);
  } else if constexpr (shape == Shape::bytes) {
    reader.read_bytes(node, path, out);
  } else if constexpr (shape == Shape::time) {
    reader.read_time(node, path, out);
  } else if constexpr (shape == Shape::duration) {
    reader.read_duration(node, path, out);
  } else if constexpr (std::same_as<T, Uuid>) {
    reader.read_id(node, path, out);
  } else if constexpr (shape == Shape::id) {
    reader.read_id(node, path, out.value);
  } else if constexpr (shape == Shape::text) {
    read_text_codec(reader, node, out, path);
  } else {
    const std::size_t index = reader.read_name(node, path, enumerator_name_list<T>);
    if (index < enumerators<T>.size()) out = enumerators<T>[index].value;
  }
}

template <class T>
void read_field(Reader& reader, const Node* node, T& out, const Path& path) {
  if (node != nullptr && node->kind != NodeKind::null) {
    read_value(reader, *node, out, path);
  } else if constexpr (shape_of<T> != Shape::optional) {
    reader.missing_field(path);
  } else if (node != nullptr || !reader.keeps_defaults()) {
    out.reset();
  }
}

template <class T>
void read_aggregate(Reader& reader, const Node& node, T& out, const Path& path) {
  const auto& names = field_names<T>;
  std::array<const Node*, field_count<T>> slots{};
  if (!reader.match_fields(node, path, names, slots)) return;
  with_fields(out, [&](auto&... fields) {
    [[maybe_unused]] std::size_t i = 0;
    // The analyzer loses sight of references that come from structured bindings.
    ((read_field(reader, slots[i], fields, Path(path, names[i])), ++i), ...);  // NOLINT(clang-analyzer-core.*)
  });
}

template <class T>
void read_list(Reader& reader, const Node& node, T& out, const Path& path) {
  if (!reader.expect_array(node, path)) return;
  out.clear();
  if constexpr (shape_of<T> == Shape::list) out.reserve(reserved_elements(node.size));
  const Node* item = node.first_child();
  for (std::size_t i = 0; i < node.size; ++i, item = item->next()) {
    typename T::value_type element{};
    const Path item_path(path, i);
    read_value(reader, *item, element, item_path);
    if constexpr (shape_of<T> == Shape::list) {
      out.push_back(std::move(element));
    } else if (!out.insert(std::move(element)).second) {
      reader.fault(item_path, "repeats an earlier item");
    }
  }
}

template <class T>
void read_array(Reader& reader, const Node& node, T& out, const Path& path) {
  if (!reader.expect_array(node, path)) return;
  if (node.size != out.size()) {
    reader.fault(path, "must have exactly " + std::to_string(out.size()) + " items");
    return;
  }
  const Node* item = node.first_child();
  for (std::size_t i = 0; i < out.size(); ++i, item = item->next()) read_value(reader, *item, out[i], Path(path, i));
}

template <class K>
void read_key(Reader& reader, const Node& node, K& out, const Path& path) {
  static_assert(MapKey<K>, "the key of a map on the wire is a string, id, integer or has a TextCodec");
  if constexpr (std::same_as<K, Uuid>) {
    reader.read_id_key(node, path, out);
  } else if constexpr (is_id<K>) {
    reader.read_id_key(node, path, out.value);
  } else {
    Reader keys = reader.for_keys();
    read_scalar(keys, node, out, path);
  }
}

template <class T>
void read_map(Reader& reader, const Node& node, T& out, const Path& path) {
  if (!reader.expect_object(node, path)) return;
  out.clear();
  const Node* key_node = node.first_child();
  for (std::size_t i = 0; i < node.size; ++i) {
    const bool has_text = key_node->kind == NodeKind::string;
    const Path member = has_text ? Path(path, key_node->view()) : Path(path, i);
    const Node* value_node = key_node->next();
    typename T::key_type key{};
    typename T::mapped_type value{};
    read_key(reader, *key_node, key, member);
    read_value(reader, *value_node, value, member);
    if (!out.try_emplace(std::move(key), std::move(value)).second) reader.fault(member, "is given twice");
    key_node = value_node->next();
  }
}

template <class V, std::size_t... I>
void read_variant(Reader& reader, const Node& node, V& out, const Path& path, std::index_sequence<I...>) {
  const auto& names = alternative_names<V>();
  const auto [chosen, value] = reader.read_alternative(node, path, names);
  if (value == nullptr) return;
  const Path inner(path, names[chosen]);
  const auto read_one = [&]<std::size_t Index>(std::integral_constant<std::size_t, Index>) {
    read_value(reader, *value, out.template emplace<Index>(), inner);
  };
  (void)((chosen == I && (read_one(std::integral_constant<std::size_t, I>{}), true)) || ...);
}

template <class T>
void read_value(Reader& reader, const Node& node, T& out, const Path& path) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (is_scalar(shape)) {
    read_scalar(reader, node, out, path);
  } else if constexpr (shape == Shape::optional) {
    if (node.kind == NodeKind::null) {
      out.reset();
    } else {
      read_value(reader, node, out.emplace(), path);
    }
  } else if constexpr (shape == Shape::list || shape == Shape::set) {
    read_list(reader, node, out, path);
  } else if constexpr (shape == Shape::array) {
    read_array(reader, node, out, path);
  } else if constexpr (shape == Shape::map) {
    read_map(reader, node, out, path);
  } else if constexpr (shape == Shape::variant) {
    read_variant(reader, node, out, path, std::make_index_sequence<std::variant_size_v<T>>{});
  } else if constexpr (shape == Shape::aggregate) {
    read_aggregate(reader, node, out, path);
  }
}

}  // namespace detail
}  // namespace troupe::wire
