#pragma once

#include <exception>
#include <string>

namespace troupe {

/// The text of an exception, for a report or a failure's detail; one that is no std::exception is said to be so.
std::string text_of(const std::exception_ptr& exception);

}  // namespace troupe
