#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <string>

namespace troupe::engine {

/// The text of an exception, for a report or a failure's detail; one that is no std::exception is said to be so.
std::string text_of(const std::exception_ptr& exception);

/// What was thrown, as a crash report tells of it.
struct Thrown {
  std::string what;
  std::span<const std::uintptr_t> stack;  ///< where, see loop::stack_of()
};

/// To be asked soon, on the thread where it was thrown: the stack is forgotten.
Thrown thrown_of(const std::exception_ptr& exception);

}  // namespace troupe::engine
