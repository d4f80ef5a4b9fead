#include <troupe/contract/page.hpp>

#include <cstddef>
#include <cstdint>
#include <variant>

namespace troupe {

namespace {

// How a cursor begins that goes by value; the first octet of a key is less.
constexpr std::byte by_value_ascending{3};
constexpr std::byte by_value_descending{4};

// What a value is, before it.
constexpr std::byte of_integer{0};
constexpr std::byte of_text{1};
constexpr std::byte of_blob{2};

constexpr std::size_t integer_octets = 8;
constexpr std::size_t length_octets = 4;

/// The most significant octet first.
void put_number(Bytes& out, std::uint64_t number, std::size_t octets) {
  while (octets-- > 0) out.push_back(static_cast<std::byte>(number >> (8 * octets)));
}

void put_octets(Bytes& out, std::string_view octets) {
  const auto* first = reinterpret_cast<const std::byte*>(octets.data());
  out.insert(out.end(), first, first + octets.size());
}

void put_value(Bytes& out, const IndexValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out.push_back(of_integer);
    put_number(out, static_cast<std::uint64_t>(*integer), integer_octets);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out.push_back(of_text);
    put_number(out, text->size(), length_octets);
    put_octets(out, *text);
  } else {
    const auto& blob = std::get<Bytes>(value);
    out.push_back(of_blob);
    put_number(out, blob.size(), length_octets);
    out.insert(out.end(), blob.begin(), blob.end());
  }
}

/// Takes apart what was put; nothing where too little is left.
class CursorReader {
 public:
  explicit CursorReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::span<const std::byte> rest() const { return rest_; }
  std::optional<std::uint64_t> number(std::size_t octets) {
    const auto taken = take(octets);
    if (!taken) return std::nullopt;
    std::uint64_t number = 0;
    for (const std::byte octet : *taken) number = number << 8 | static_cast<std::uint64_t>(octet);
    return number;
  }
  /// Text or octets, after their length.
  template <class T>
  std::optional<T> sized(std::size_t length_size) {
    const auto size = number(length_size);
    const auto taken = size ? take(*size) : std::nullopt;
    if (!taken) return std::nullopt;
    const auto* first = reinterpret_cast<const typename T::value_type*>(taken->data());
    return T(first, first + taken->size());
  }
  std::optional<IndexValue> value() {
    const auto kind = number(1);
    if (!kind) return std::nullopt;
    switch (static_cast<std::byte>(*kind)) {
      case of_integer:
        if (const auto integer = number(integer_octets)) return static_cast<std::int64_t>(*integer);
        return std::nullopt;
      case of_text:
        return sized<std::string>(length_octets);
      case of_blob:
        return sized<Bytes>(length_octets);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<std::span<const std::byte>> take(std::uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  std::span<const std::byte> rest_;
};

bool are_of_one_order(const Cursor& a, const Cursor& b) {
  if (!a.by || !b.by) return !a.by && !b.by;
  return a.by->index == b.by->index && a.by->direction == b.by->direction && a.by->value.index() == b.by->value.index();
}

}  // namespace

Bytes Cursor::to_bytes() const {
  Bytes bytes;
  if (by) {
    bytes.push_back(by->direction == Direction::ascending ? by_value_ascending : by_value_descending);
    put_number(bytes, by->index.size(), 1);
    put_octets(bytes, by->index);
    put_value(bytes, by->value);
  }
  put_octets(bytes, key.to_bytes());
  return bytes;
}

std::optional<Cursor> Cursor::from_bytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::nullopt;
  CursorReader reader(bytes);
  std::optional<ByValue> by;
  if (bytes[0] == by_value_ascending || bytes[0] == by_value_descending) {
    reader = CursorReader(bytes.subspan(1));
    auto index = reader.sized<std::string>(1);
    auto value = index ? reader.value() : std::nullopt;
    if (!value) return std::nullopt;
    const auto direction = bytes[0] == by_value_ascending ? Direction::ascending : Direction::descending;
    by = ByValue{*std::move(index), direction, *std::move(value)};
  }
  auto key = Key::from_bytes(reader.rest());
  if (!key) return std::nullopt;
  return Cursor{*std::move(key), std::move(by)};
}

std::string wire::TextCodec<Cursor>::to_text(const Cursor& cursor) { return to_base64url(cursor.to_bytes()); }

std::optional<Cursor> wire::TextCodec<Cursor>::from_text(std::string_view text) {
  const auto bytes = parse_base64url(text);
  if (!bytes) return std::nullopt;
  return Cursor::from_bytes(*bytes);
}

namespace detail {

bool stands_before(const Cursor& a, const Cursor& b, Direction direction) {
  const Cursor& first = direction == Direction::ascending ? a : b;
  const Cursor& second = direction == Direction::ascending ? b : a;
  if (first.by && first.by->value != second.by->value) return first.by->value < second.by->value;
  return first.key < second.key;
}

bool have_one_order(std::span<const PageTrace* const> traces) {
  const PageTrace* first = nullptr;
  for (const PageTrace* trace : traces) {
    if (trace->places.empty()) continue;
    if (!first) first = trace;
    if (trace->direction != first->direction) return false;
    for (const Cursor& place : trace->places) {
      if (!are_of_one_order(first->places.front(), place)) return false;
    }
  }
  return true;
}

}  // namespace detail
}  // namespace troupe
