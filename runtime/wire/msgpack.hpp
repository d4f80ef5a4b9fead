#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/decoded.hpp>
#include <troupe/wire/detail/msgpack_octets.hpp>
#include <troupe/wire/detail/reader.hpp>
#include <troupe/wire/shape.hpp>

/// MessagePack of plain aggregates, for what travels between nodes.
///
/// Both encodings carry the same values. Positional is for peers that have the same schema: aggregates are arrays,
/// enums and variants go by index. Keyed is for peers whose schemas are compatible: aggregates are maps by field name,
/// enums and variants go by name, unknown fields are skipped, and only an optional field may be absent.
/// Ids are 16 octets, times and durations milliseconds. Rules that types state are not checked here.
namespace troupe::wire {

/// Errors: throws std::invalid_argument for an enum without an enumerator of its value.
template <class T>
void write_msgpack(Bytes& out, const T& value, Encoding encoding = Encoding::positional);

template <class T>
Bytes to_msgpack(const T& value, Encoding encoding = Encoding::positional) {
  Bytes out;
  write_msgpack(out, value, encoding);
  return out;
}

/// Safe on any octets: memory stays in proportion to their number, whatever lengths they announce.
template <class T>
Decoded<T> from_msgpack(std::span<const std::byte> octets, Encoding encoding = Encoding::positional,
                        MsgpackLimits limits = {});

namespace detail {

template <class T>
void write_msgpack_value(MsgpackWriter& out, const T& value);

template <class E>
void write_msgpack_enum(MsgpackWriter& out, E value) {
  for (std::size_t i = 0; i < enumerators<E>.size(); ++i)
    if (enumerators<E>[i].value == value) return out.name(i, enumerators<E>[i].name);
  throw_no_enumerator(type_name<E>());
}

template <class T>
void write_msgpack_scalar(MsgpackWriter& out, const T& value) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (shape == Shape::boolean) {
    out.boolean(value);
  } else if constexpr (shape == Shape::integer && std::is_signed_v<wire::NumberOf<T>>) {
    out.signed_integer(static_cast<wire::NumberOf<T>>(value));
  } else if constexpr (shape == Shape::integer) {
    out.unsigned_integer(static_cast<wire::NumberOf<T>>(value));
  } else if constexpr (shape == Shape::real) {
    out.real(value);
  } else if constexpr (shape == Shape::string) {
    out.string(text_of(value));
  } else if constexpr (shape == Shape::text) {
    out.string(TextCodec<T>::to_text(value));
  } else if constexpr (shape == Shape::bytes) {
    out.bytes(value);
  } else if constexpr (shape == Shape::time) {
    out.signed_integer(value.time_since_epoch().count());
  } else if constexpr (shape == Shape::duration) {
    out.signed_integer(value.count());
  } else if constexpr (std::same_as<T, Uuid>) {
    out.bytes(to_bytes(value));
  } else if constexpr (shape == Shape::id) {
    out.bytes(to_bytes(value.value));
  } else {
    write_msgpack_enum(out, value);
  }
}

template <class T>
void write_msgpack_fields(MsgpackWriter& out, const T& value) {
  out.open_aggregate(field_count<T>);
  with_fields(value, [&out](const auto&... fields) {
    [[maybe_unused]] std::size_t i = 0;
    ((out.field_name(field_names<T>[i++]), write_msgpack_value(out, fields)), ...);
  });
}

template <class T>
void write_msgpack_value(MsgpackWriter& out, const T& value) {
  constexpr Shape shape = shape_of<T>;
  if constexpr (is_scalar(shape)) {
    write_msgpack_scalar(out, value);
  } else if constexpr (shape == Shape::optional) {
    if (value) {
      write_msgpack_value(out, *value);
    } else {
      out.nil();
    }
  } else if constexpr (shape == Shape::list || shape == Shape::set || shape == Shape::array) {
    out.open_array(value.size());
    for (const auto& element : value) write_msgpack_value(out, static_cast<const typename T::value_type&>(element));
  } else if constexpr (shape == Shape::map) {
    static_assert(MapKey<typename T::key_type>, "the key of a map on the wire is a string, id, integer or text form");
    out.open_map(value.size());
    for (const auto& [key, element] : value) {
      write_msgpack_value(out, key);
      write_msgpack_value(out, element);
    }
  } else if constexpr (shape == Shape::variant) {
    out.open_alternative(value.index(), alternative_names<T>()[value.index()]);
    std::visit([&out](const auto& chosen) { write_msgpack_value(out, chosen); }, value);
  } else if constexpr (shape == Shape::aggregate) {
    write_msgpack_fields(out, value);
  }
}

}  // namespace detail

template <class T>
void write_msgpack(Bytes& out, const T& value, Encoding encoding) {
  detail::MsgpackWriter writer(out, encoding);
  detail::write_msgpack_value(writer, value);
}

template <class T>
Decoded<T> from_msgpack(std::span<const std::byte> octets, Encoding encoding, MsgpackLimits limits) {
  std::vector<Fault> faults;
  T value{};
  if (const std::optional<detail::Document> document = detail::parse_msgpack(octets, limits, faults)) {
    const bool keyed = encoding == Encoding::keyed;
    detail::Reader reader(
        {keyed ? detail::Format::msgpack_keyed : detail::Format::msgpack_positional, Unknown::skip, Missing::refuse},
        faults);
    detail::read_value(reader, document->root(), value, Path());
  }
  if (!faults.empty()) return faults;
  return value;
}

}  // namespace troupe::wire
