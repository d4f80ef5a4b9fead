#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/cluster/call_codec.hpp>

/// Asks as octets: keyed, as a Call in msgpack, or compact, where both ends have the same schema: a head of fixed
/// layout, and the message by position. docs/wire.md has both.
namespace troupe::cluster {

/// Differs where the compact head does.
inline constexpr std::string_view compact_version = "ask head 1";

/// Errors: throws what writing the message throws, and std::length_error for a text that is too long to travel.
void write_ask(Bytes& out, const Envelope& envelope, wire::Encoding encoding);

/// What an ask says, pointing into the octets that it was read from.
struct AskView {
  struct Waiter {
    std::string_view protocol;
    std::span<const std::byte> key;
    Effect effect = Effect::read;
  };

  std::string_view protocol;
  std::string_view message;
  std::span<const std::byte> key;
  Uuid operation;
  std::uint16_t attempt = 0;
  bool one_way = false;
  bool repeatable = false;
  Principal principal;
  std::string trace;
  std::vector<Waiter> chain;  ///< the nearest first
  std::span<const std::byte> body;
};

/// Reads one ask. Lifetime: the view's is that of the octets and of this object, which therefore stays where it is.
class AskReader {
 public:
  AskReader() = default;
  AskReader(const AskReader&) = delete;
  AskReader& operator=(const AskReader&) = delete;

  /// Errors: false, with the faults.
  bool read(std::span<const std::byte> octets, wire::Encoding encoding, std::vector<Fault>& faults);

  AskView view;

 private:
  bool read_keyed(std::span<const std::byte> octets, std::vector<Fault>& faults);
  bool read_compact(std::span<const std::byte> octets, std::vector<Fault>& faults);

  Call call_;  ///< of a keyed one
};

}  // namespace troupe::cluster
