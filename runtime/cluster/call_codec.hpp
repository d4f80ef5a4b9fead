#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <troupe/contract/envelope.hpp>
#include <troupe/wire/msgpack.hpp>

/// The payloads of the frames that carry calls, as docs/wire.md describes them: plain aggregates in msgpack.
namespace troupe::cluster {

/// Flags of a data frame.
inline constexpr std::uint8_t flag_keyed = 1;  ///< ask and reply are keyed msgpack, not positional
inline constexpr std::uint8_t flag_part = 2;   ///< a directory's part is wanted, or is this

constexpr wire::Encoding encoding_of(std::uint8_t flags) {
  return (flags & flag_keyed) != 0 ? wire::Encoding::keyed : wire::Encoding::positional;
}

/// One turn of the chain that waits for an ask.
struct Hop {
  std::string protocol;
  Bytes key;
  Effect effect = Effect::read;
};

/// An ask in the keyed form.
struct Call {
  std::string protocol;
  std::string message;
  Bytes key;       ///< Key::to_bytes(); empty: to the directory
  Uuid operation;  ///< nil: none
  std::uint16_t attempt = 0;
  bool one_way = false;
  bool repeatable = false;
  Principal principal;
  std::string trace;
  std::vector<Hop> chain;  ///< the nearest first
  Bytes body;              ///< the message
};

/// Why a call has no reply; always keyed.
struct WireFailure {
  Failure::Kind kind = Failure::Kind::unknown;
  std::string code;
  std::string detail;
  std::vector<Fault> faults;
  bool passed_on = false;
  bool handled = false;  ///< its handler had begun: the message is spent
};

/// One node's rows of a directory's answer.
struct WirePart {
  Bytes reply;
  std::vector<Bytes> keys;  ///< Cursor::to_bytes() of each item: its key, and before it the value that it is listed by
  std::uint32_t limit = 0;
  bool ascending = false;
};

Bytes octets_of(const Key& key);
/// Clears a buffer that is used again. Gives its memory back where an unusually large message made it grow.
Bytes& emptied(Bytes& scratch);

/// Keyed.
Call call_of(const Envelope& envelope);
enum class Handled : std::uint8_t { no, yes };
WireFailure wire_failure_of(const Failure& failure, Handled handled = Handled::no);
std::unique_ptr<Failure> failure_of(WireFailure wire_failure);
WirePart part_of(const Envelope& envelope, wire::Encoding encoding);
/// Sets reply and trace of a part that was asked for. Errors: false, with the faults.
bool read_part(Envelope& envelope, const WirePart& part, wire::Encoding encoding, std::vector<Fault>& faults);

std::string describe(const std::vector<Fault>& faults);

}  // namespace troupe::cluster
