#pragma once

#include <exception>
#include <string>

namespace troupe::engine {

/// What an exception says of itself, for whoever mends the bug.
std::string text_of(const std::exception_ptr& exception);

}  // namespace troupe::engine
