// Any octets are refused with faults or read; what was read is written and read back the same.
#include <cstdint>
#include <cstdlib>
#include <span>

#include <troupe/wire/msgpack.hpp>
#include "tests/wire/samples.hpp"

namespace troupe::wire {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void check_reading(std::span<const std::byte> octets, Encoding encoding) {
  const Decoded<T> decoded = from_msgpack<T>(octets, encoding);
  require(decoded.has_value() == decoded.faults().empty());
  if (!decoded) return;
  const Bytes written = to_msgpack(*decoded, encoding);
  const Decoded<T> again = from_msgpack<T>(written, encoding);
  // Compared as octets, because NaN equals nothing.
  require(again.has_value() && to_msgpack(*again, encoding) == written);
}

void check_octets(std::span<const std::byte> octets) {
  for (const Encoding encoding : {Encoding::positional, Encoding::keyed}) {
    check_reading<samples::Place>(octets, encoding);
    check_reading<samples::Everything>(octets, encoding);
    check_reading<samples::Tree>(octets, encoding);
  }
}

}  // namespace
}  // namespace troupe::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::wire::check_octets(std::as_bytes(std::span(data, size)));
  return 0;
}
