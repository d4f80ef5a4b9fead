// Properties: whatever is written is read back the same, by every codec, and any octets are survived.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include <troupe/wire/json.hpp>
#include <troupe/wire/msgpack.hpp>
#include "tests/wire/arbitrary.hpp"
#include "tests/wire/samples.hpp"

namespace troupe::wire {
namespace {

using samples::Everything;

template <class Property>
void holds(Property property) {
  EXPECT_TRUE(rc::check(std::move(property)));
}

TEST(RoundTrip, JsonReadsBackWhatItWrote) {
  holds([] {
    const Everything value = any_value<Everything>();
    const auto decoded =
        from_json<Everything>(to_json(value), stored_json_limits, Unknown::refuse, Missing::default_value);
    RC_ASSERT(decoded.faults().empty());
    RC_ASSERT(*decoded == value);
  });
}

TEST(RoundTrip, MsgpackReadsBackWhatItWrote) {
  holds([] {
    const Everything value = any_value<Everything>();
    for (const Encoding encoding : {Encoding::positional, Encoding::keyed}) {
      const auto decoded = from_msgpack<Everything>(to_msgpack(value, encoding), encoding);
      RC_ASSERT(decoded.faults().empty());
      RC_ASSERT(*decoded == value);
    }
  });
}

TEST(RoundTrip, JsonSurvivesOneChangedOctet) {
  holds([] {
    std::string text = to_json(any_value<Everything>());
    const std::size_t at = any_index(text.size());
    text[at] = static_cast<char>(any_value<std::uint8_t>());
    const auto decoded = from_json<Everything>(text, stored_json_limits);
    if (decoded) RC_ASSERT(from_json<Everything>(to_json(*decoded), stored_json_limits).has_value());
  });
}

TEST(RoundTrip, MsgpackSurvivesOneChangedOctet) {
  holds([] {
    for (const Encoding encoding : {Encoding::positional, Encoding::keyed}) {
      Bytes octets = to_msgpack(any_value<Everything>(), encoding);
      const std::size_t at = any_index(octets.size());
      octets[at] = std::byte{any_value<std::uint8_t>()};
      const auto decoded = from_msgpack<Everything>(octets, encoding);
      if (decoded) RC_ASSERT(from_msgpack<Everything>(to_msgpack(*decoded, encoding), encoding).has_value());
    }
  });
}

TEST(RoundTrip, EveryTextCodecReadsBack) {
  holds([] {
    const auto id = any_value<samples::OrderId>();
    RC_ASSERT(parse_id<samples::OrderId>(to_text(id)) == id);
    const auto time = any_value<Time>();
    RC_ASSERT(parse_time(to_text(time)) == time);
    const auto duration = any_value<Duration>();
    RC_ASSERT(parse_duration(to_text(duration)) == duration);
    const auto bytes = any_value<Bytes>();
    RC_ASSERT(parse_base64url(to_base64url(bytes)) == bytes);
  });
}

TEST(RoundTrip, IdsOrderAlikeAsValueAndText) {
  holds([] {
    const auto one = any_value<Uuid>();
    const auto other = any_value<Uuid>();
    RC_ASSERT((one <=> other) == (to_text(one) <=> to_text(other)));
    RC_ASSERT((one <=> other) == (to_bytes(one) <=> to_bytes(other)));
  });
}

}  // namespace
}  // namespace troupe::wire
