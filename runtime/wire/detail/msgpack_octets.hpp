#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/detail/node.hpp>
#include <troupe/wire/fault.hpp>

// The untyped half of MessagePack: octets to nodes, and single values to octets.
namespace troupe::wire {

enum class Encoding : std::uint8_t { positional, keyed };

struct MsgpackLimits {
  std::size_t max_bytes = 16 << 20;
  std::size_t max_depth = 64;
};

namespace detail {

/// Lifetime: nodes point into `octets`. Errors: empty, with one fault, where they are malformed or beyond the limits.
std::optional<Document> parse_msgpack(std::span<const std::byte> octets, const MsgpackLimits& limits,
                                      std::vector<Fault>& faults);

[[noreturn]] void throw_no_enumerator(std::string_view type);

class MsgpackWriter {
 public:
  MsgpackWriter(Bytes& out, Encoding encoding) : out_(out), encoding_(encoding) {}

  void nil();
  void boolean(bool value);
  void signed_integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  void real(double value);
  void real(float value);
  void string(std::string_view text);
  void bytes(std::span<const std::byte> octets);
  void open_array(std::size_t items);
  void open_map(std::size_t members);

  /// Followed by each field: its name, then its value.
  void open_aggregate(std::size_t fields);
  void field_name(std::string_view name) {
    if (encoding_ == Encoding::keyed) string(name);
  }
  /// Followed by the alternative's value.
  void open_alternative(std::size_t index, std::string_view name);
  /// One of a type's names: an enumerator.
  void name(std::size_t index, std::string_view name);

 private:
  Bytes& out_;
  Encoding encoding_;
};

}  // namespace detail
}  // namespace troupe::wire
