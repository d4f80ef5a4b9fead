#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "tests/shop/client.hpp"

namespace shop::testing {

/// The answer has that status, and what every answer of the shop has: a request id.
::testing::AssertionResult has_status(const Answer& answer, int status);

/// The answer is a problem document of exactly the contract's shape: the status, content type and type of that code,
/// every field and no other, and the headers that belong to the status.
::testing::AssertionResult is_problem(const Answer& answer, int status, std::string_view code);

/// A problem `invalid` whose faults stand at exactly these places.
::testing::AssertionResult is_invalid(const Answer& answer, const std::set<std::string>& pointers);

/// The object has exactly these fields.
::testing::AssertionResult has_fields(const Json& object, const std::set<std::string>& fields);

/// A time as the contract writes it: RFC 3339, UTC, milliseconds.
::testing::AssertionResult is_time(const Json& value);

/// The methods of an `Allow` header.
std::set<std::string> allowed_methods(const Answer& answer);

/// The answer was given before, to the same Idempotency-Key.
bool is_replay(const Answer& answer);

}  // namespace shop::testing
