// Any text is refused with faults or read; what was read is written and read back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <troupe/wire/json.hpp>
#include "tests/wire/samples.hpp"

namespace troupe::wire {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void check_reading(std::string_view text, Unknown unknown, Missing missing) {
  const Decoded<T> decoded = from_json<T>(text, {.max_bytes = 1 << 16, .max_depth = 32}, unknown, missing);
  require(decoded.has_value() == decoded.faults().empty());
  require(decoded.faults().size() <= max_faults);
  if (!decoded) return;
  const std::string written = to_json(*decoded);
  const Decoded<T> again = from_json<T>(written, stored_json_limits, Unknown::refuse, missing);
  require(again.has_value() && to_json(*again) == written);
}

void check_text(std::string_view text) {
  check_reading<samples::Place>(text, Unknown::refuse, Missing::refuse);
  check_reading<samples::Everything>(text, Unknown::refuse, Missing::refuse);
  check_reading<samples::Everything>(text, Unknown::skip, Missing::default_value);
  (void)from_text<std::int64_t>(text);
  (void)from_text<double>(text);
  (void)from_text<Time>(text);
  (void)from_text<Duration>(text);
  (void)from_text<Bytes>(text);
}

}  // namespace
}  // namespace troupe::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::wire::check_text(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
