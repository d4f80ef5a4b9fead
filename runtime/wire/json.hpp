#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/wire/decoded.hpp>
#include <troupe/wire/detail/json_text.hpp>
#include <troupe/wire/detail/reader.hpp>
#include <troupe/wire/shape.hpp>
#include <troupe/wire/validate.hpp>

/// JSON of plain aggregates: strict on input, every field on output.
///
///     std::string text = wire::to_json(order);
///     wire::Decoded<Order> order = wire::from_json<Order>(text);
///     if (!order) return problem(order.faults());
///
/// Source: RFC 8259, with the strictness of I-JSON (RFC 7493).
namespace troupe::wire {

/// Appends `value`: every field, `null` where an optional is empty.
/// Errors: throws std::invalid_argument where JSON has no form for a value: NaN, infinity, text that is not UTF-8, an
/// enum without an enumerator of that value; std::out_of_range for a time outside four-digit years.
template <class T>
void write_json(std::string& out, const T& value);

template <class T>
std::string to_json(const T& value) {
  std::string out;
  write_json(out, value);
  return out;
}

/// Reads one document, and checks what it yields against the rules that its types state. A text that is no id, where an
/// id is wanted, yields the nil id, which names nothing.
/// Errors: all faults at once; malformed JSON yields one, of the whole document.
template <class T>
Decoded<T> from_json(std::string_view text, JsonLimits limits = {}, Unknown unknown = Unknown::refuse,
                     Missing missing = Missing::refuse);

/// Reads what an earlier version of the program may have stored: unknown fields are skipped, missing ones keep their
/// defaults, rules are not checked again, no size is too large; a text that is no id is a fault.
template <class T>
Decoded<T> from_stored_json(std::string_view text);

/// Reads one scalar from plain text, as in a query or path parameter. Errors: faults have an empty pointer.
template <class T>
Decoded<T> from_text(std::string_view text);

namespace detail {

/// `{"name":` for the first field, `,"name":` for the others.
template <class T, std::size_t I>
struct JsonKey {
  static constexpr std::string_view name = field_names<T>[I];
  std::array<char, name.size() + 4> text{};
  constexpr JsonKey() {
    text[0] = I == 0 ? '{' : ',';
    text[1] = '"';
    for (std::size_t i = 0; i < name.size(); ++i) text[i + 2] = name[i];
    text[name.size() + 2] = '"';
    text[name.size() + 3] = ':';
  }
};
template <class T, std::size_t I>
inline constexpr JsonKey<T, I> json_key{};

template <class T>
void write_json_scalar(std::string& out, const T& value) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (shape == Shape::boolean) {
    out += value ? "true" : "false";
  } else if constexpr (shape == Shape::integer) {
    std::array<char, 24> digits;
    out.append(digits.data(),
               std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<wire::NumberOf<T>>(value)).ptr);
  } else if constexpr (shape == Shape::real) {
    append_json_real(out, value);
  } else if constexpr (shape == Shape::string) {
    append_json_string(out, text_of(value));
  } else if constexpr (shape == Shape::text) {
    append_json_string(out, TextCodec<T>::to_text(value));
  } else {
    out += '"';
    if constexpr (shape == Shape::bytes) {
      append_base64url(out, value);
    } else if constexpr (shape == Shape::time || shape == Shape::duration || std::same_as<T, Uuid>) {
      append_text(out, value);
    } else if constexpr (shape == Shape::id) {
      append_text(out, value.value);
    } else {
      append_enum_name(out, enum_name(value), type_name<T>());
    }
    out += '"';
  }
}

template <class T, std::size_t... I>
void write_json_fields(std::string& out, const T& value, std::index_sequence<I...>) {
  with_fields(value, [&out](const auto&... fields) {
    ((out.append(json_key<T, I>.text.data(), json_key<T, I>.text.size()), write_json(out, fields)), ...);
  });
  out += sizeof...(I) == 0 ? "{}" : "}";
}

template <class T>
void write_json_list(std::string& out, const T& value) {
  char separator = '[';
  for (const auto& element : value) {
    out += separator;
    write_json(out, static_cast<const typename T::value_type&>(element));
    separator = ',';
  }
  out += separator == '[' ? "[]" : "]";
}

template <class T>
void write_json_map(std::string& out, const T& value) {
  char separator = '{';
  for (const auto& [key, element] : value) {
    out += separator;
    append_json_string(out, key_text(key));
    out += ':';
    write_json(out, element);
    separator = ',';
  }
  out += separator == '{' ? "{}" : "}";
}

template <class T>
void write_json_variant(std::string& out, const T& value) {
  out += "{\"";
  out += alternative_names<T>()[value.index()];
  out += "\":";
  std::visit([&out](const auto& chosen) { write_json(out, chosen); }, value);
  out += '}';
}

}  // namespace detail

template <class T>
void write_json(std::string& out, const T& value) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (is_scalar(shape)) {
    detail::write_json_scalar(out, value);
  } else if constexpr (shape == Shape::optional) {
    if (value) {
      write_json(out, *value);
    } else {
      out += "null";
    }
  } else if constexpr (shape == Shape::list || shape == Shape::set || shape == Shape::array) {
    detail::write_json_list(out, value);
  } else if constexpr (shape == Shape::map) {
    detail::write_json_map(out, value);
  } else if constexpr (shape == Shape::variant) {
    detail::write_json_variant(out, value);
  } else if constexpr (shape == Shape::aggregate) {
    detail::write_json_fields(out, value, std::make_index_sequence<field_count<T>>{});
  }
}

template <class T>
Decoded<T> from_json(std::string_view text, JsonLimits limits, Unknown unknown, Missing missing) {
  std::vector<Fault> faults;
  T value{};
  if (const std::optional<detail::JsonDocument> document = detail::parse_json(text, limits, faults)) {
    detail::Reader reader({detail::Format::json, unknown, missing}, faults);
    detail::read_value(reader, document->nodes.root(), value, Path());
    if (missing == Missing::refuse) {
      const std::size_t misread = faults.size();
      validate(value, faults);
      if (misread > 0) drop_consequences(faults, misread);
    }
  }
  if (!faults.empty()) return faults;
  return value;
}

template <class T>
Decoded<T> from_stored_json(std::string_view text) {
  return from_json<T>(text, stored_json_limits, Unknown::skip, Missing::default_value);
}

template <class T>
Decoded<T> from_text(std::string_view text) {
  static_assert(is_scalar(shape_of<T>), "only a scalar is read from plain text");
  std::vector<Fault> faults;
  T value{};
  detail::Reader reader({detail::Format::text, Unknown::refuse, Missing::refuse}, faults);
  detail::read_value(reader, detail::text_node(text), value, Path());
  if (!faults.empty()) return faults;
  return value;
}

}  // namespace troupe::wire
