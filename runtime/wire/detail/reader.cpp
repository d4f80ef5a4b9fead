#include <troupe/wire/detail/reader.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include <troupe/wire/utf8.hpp>

namespace troupe::wire::detail {
namespace {

// The bounds of 64-bit integers as reals: every real at or beyond them is no such integer.
constexpr double two_to_63 = 9'223'372'036'854'775'808.0;

bool is_msgpack(Format format) { return format == Format::msgpack_positional || format == Format::msgpack_keyed; }

template <class N>
bool parse_number(std::string_view text, N& out, std::errc& error) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  error = code;
  return end == text.data() + text.size() && !text.empty();
}

/// A text that is an integer, though perhaps none that fits.
bool is_integer_text(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The only case in which a number of the wrong kind is still an integer: one too large for 64 bits.
bool is_integral(const Node& node) {
  return node.kind == NodeKind::real && std::isfinite(node.real) && std::abs(node.real) >= two_to_63;
}

template <class T>
struct ReadInteger {
  std::optional<T> value;  ///< nothing: it fits no T
  bool is_integer = true;
};

template <class T>
ReadInteger<T> integer_of(const Node& node, Format format) {
  const auto fitting = [](auto number) {
    return std::in_range<T>(number) ? std::optional<T>(static_cast<T>(number)) : std::nullopt;
  };
  if (node.kind == NodeKind::signed_integer) return {fitting(node.signed_integer)};
  if (node.kind == NodeKind::unsigned_integer) return {fitting(node.unsigned_integer)};
  if (format != Format::text) return {std::nullopt, is_integral(node)};
  T value = 0;
  std::errc error{};
  const bool fits = parse_number(node.view(), value, error) && error == std::errc{};
  return {fits ? std::optional<T>(value) : std::nullopt, is_integer_text(node.view())};
}

std::size_t find_name(std::span<const std::string_view> names, std::string_view name, std::size_t hint) {
  // Fields mostly come in order of declaration.
  if (hint < names.size() && names[hint] == name) return hint;
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

/// Of a value that stands as text: the text, as `parse` reads it.
template <class T>
void read_parsed(Reader& reader, const Node& node, const Path& path, T& out,
                 std::optional<T> (*parse)(std::string_view), const char* otherwise) {
  const auto text = reader.read_text(node, path);
  if (!text) return;
  std::optional<T> value = parse(*text);
  if (!value) return reader.fault(path, otherwise);
  out = std::move(*value);
}

}  // namespace

void Reader::read_boolean(const Node& node, const Path& path, bool& out) {
  if (node.kind == NodeKind::boolean) {
    out = node.boolean;
  } else if (rules_.format == Format::text && (node.view() == "true" || node.view() == "false")) {
    out = node.view() == "true";
  } else {
    fault(path, "must be true or false");
  }
}

std::int64_t Reader::read_signed(const Node& node, const Path& path, std::int64_t least, std::int64_t most) {
  const auto read = integer_of<std::int64_t>(node, rules_.format);
  if (read.value && *read.value >= least && *read.value <= most) return *read.value;
  fault(path, read.is_integer ? fmt::format("must be from {} to {}", least, most) : "must be an integer");
  return 0;
}

std::uint64_t Reader::read_unsigned(const Node& node, const Path& path, std::uint64_t most) {
  const auto read = integer_of<std::uint64_t>(node, rules_.format);
  if (read.value && *read.value <= most) return *read.value;
  fault(path, read.is_integer ? fmt::format("must be from 0 to {}", most) : "must be an integer");
  return 0;
}

double Reader::read_real(const Node& node, const Path& path, double most) {
  double value = 0;
  std::errc error{};
  if (node.kind == NodeKind::real) {
    value = node.real;
  } else if (node.kind == NodeKind::signed_integer) {
    value = static_cast<double>(node.signed_integer);
  } else if (node.kind == NodeKind::unsigned_integer) {
    value = static_cast<double>(node.unsigned_integer);
  } else if (rules_.format != Format::text || !parse_number(node.view(), value, error) || error != std::errc{}) {
    fault(path, "must be a number");
    return 0;
  }
  if (std::isfinite(value) ? std::abs(value) <= most : is_msgpack(rules_.format)) return value;
  fault(path, "must be a number that is not too large");
  return 0;
}

std::optional<std::string_view> Reader::read_text(const Node& node, const Path& path) {
  if (node.kind != NodeKind::string) {
    fault(path, "must be a string");
    return std::nullopt;
  }
  // The JSON parser has seen to it already.
  if (rules_.format != Format::json && !is_utf8(node.view())) {
    fault(path, "must be valid UTF-8");
    return std::nullopt;
  }
  return node.view();
}

void Reader::read_string(const Node& node, const Path& path, std::string& out) {
  if (const auto text = read_text(node, path)) out.assign(*text);
}

void Reader::read_string(const Node& node, const Path& path, Secret& out) {
  if (const auto text = read_text(node, path)) out.assign(*text);
}

void Reader::read_bytes(const Node& node, const Path& path, Bytes& out) {
  if (is_msgpack(rules_.format)) {
    if (node.kind != NodeKind::bytes) return fault(path, "must be bytes");
    out.resize(node.size);
    if (node.size > 0) std::memcpy(out.data(), node.text, node.size);
    return;
  }
  read_parsed(*this, node, path, out, &parse_base64url, "must be base64url without padding");
}

void Reader::read_time(const Node& node, const Path& path, Time& out) {
  if (is_msgpack(rules_.format)) {
    out = Time{
        Duration{read_signed(node, path, first_time.time_since_epoch().count(), last_time.time_since_epoch().count())}};
    return;
  }
  read_parsed(*this, node, path, out, &parse_time, "must be a time like 2026-01-31T12:00:00.000Z");
}

void Reader::read_duration(const Node& node, const Path& path, Duration& out) {
  if (is_msgpack(rules_.format)) {
    using Range = std::numeric_limits<std::int64_t>;
    out = Duration{read_signed(node, path, Range::min(), Range::max())};
    return;
  }
  read_parsed(*this, node, path, out, &parse_duration, "must be a duration like 250ms, 2s, 15m, 12h or 7d");
}

void Reader::read_id(const Node& node, const Path& path, Uuid& out) {
  if (is_msgpack(rules_.format) || rules_.missing == Missing::default_value) return read_id_key(node, path, out);
  const auto text = read_text(node, path);
  if (!text) return;
  // From outside, a text that is no id names nothing, exactly as an id that was never issued.
  out = parse_uuid(*text).value_or(Uuid{});
}

void Reader::read_id_key(const Node& node, const Path& path, Uuid& out) {
  if (is_msgpack(rules_.format)) {
    std::array<std::byte, 16> bytes{};
    if (node.kind != NodeKind::bytes || node.size != bytes.size()) return fault(path, "must be an id");
    std::memcpy(bytes.data(), node.text, bytes.size());
    out = uuid_from_bytes(bytes);
    return;
  }
  read_parsed(*this, node, path, out, &parse_uuid, "must be an id");
}

std::size_t Reader::read_name(const Node& node, const Path& path, std::span<const std::string_view> names) {
  if (rules_.format == Format::msgpack_positional) {
    return static_cast<std::size_t>(read_signed(node, path, 0, static_cast<std::int64_t>(names.size()) - 1));
  }
  const std::size_t index = node.kind == NodeKind::string ? find_name(names, node.view(), names.size()) : names.size();
  if (index == names.size()) fault(path, fmt::format("must be one of {}", fmt::join(names, ", ")));
  return index;
}

Reader Reader::for_keys() const {
  ReadRules rules = rules_;
  if (rules.format == Format::json) rules.format = Format::text;
  return {rules, faults_};
}

bool Reader::match_fields(const Node& node, const Path& path, std::span<const std::string_view> names,
                          std::span<const Node*> slots) {
  return rules_.format == Format::msgpack_positional ? match_items(node, path, slots)
                                                     : match_members(node, path, names, slots);
}

bool Reader::match_members(const Node& node, const Path& path, std::span<const std::string_view> names,
                           std::span<const Node*> slots) {
  if (!expect_object(node, path)) return false;
  std::size_t expected = 0;
  const Node* key = node.first_child();
  for (std::size_t i = 0; i < node.size; ++i) {
    const Node* value = key->next();
    const std::string_view name = key->kind == NodeKind::string ? key->view() : std::string_view{};
    const std::size_t index = find_name(names, name, expected);
    if (index == names.size()) {
      if (rules_.unknown == Unknown::refuse) fault(Path(path, name), "is not a known field");
    } else if (slots[index] != nullptr) {
      fault(Path(path, name), "is given twice");
    } else {
      slots[index] = value;
      expected = index + 1;
    }
    key = value->next();
  }
  return true;
}

bool Reader::match_items(const Node& node, const Path& path, std::span<const Node*> slots) {
  if (!expect_array(node, path)) return false;
  if (node.size != slots.size()) {
    fault(path, fmt::format("must have exactly {} fields", slots.size()));
    return false;
  }
  const Node* item = node.first_child();
  for (const Node*& slot : slots) {
    slot = item;
    item = item->next();
  }
  return true;
}

void Reader::missing_field(const Path& path) {
  if (rules_.missing == Missing::refuse) fault(path, "is required");
}

bool Reader::expect_array(const Node& node, const Path& path) {
  if (node.kind == NodeKind::array) return true;
  fault(path, "must be an array");
  return false;
}

bool Reader::expect_object(const Node& node, const Path& path) {
  if (node.kind == NodeKind::object) return true;
  fault(path, "must be an object");
  return false;
}

std::pair<std::size_t, const Node*> Reader::read_alternative(const Node& node, const Path& path,
                                                             std::span<const std::string_view> names) {
  const bool positional = rules_.format == Format::msgpack_positional;
  const bool well_formed =
      positional ? node.kind == NodeKind::array && node.size == 2 : node.kind == NodeKind::object && node.size == 1;
  if (well_formed && positional) {
    const std::size_t before = faults_.size();
    const std::size_t index = read_name(*node.first_child(), path, names);
    if (faults_.size() == before) return {index, node.first_child()->next()};
    return {names.size(), nullptr};
  }
  if (well_formed && node.first_child()->kind == NodeKind::string) {
    const std::size_t index = find_name(names, node.first_child()->view(), names.size());
    if (index < names.size()) return {index, node.first_child()->next()};
  }
  fault(path, fmt::format("must be an object with one field, named one of {}", fmt::join(names, ", ")));
  return {names.size(), nullptr};
}

}  // namespace troupe::wire::detail
