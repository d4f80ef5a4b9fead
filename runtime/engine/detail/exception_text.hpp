#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <string>

#include <troupe/contract/exception_text.hpp>

namespace troupe::engine {

/// What was thrown, as a crash report tells of it.
struct Thrown {
  std::string what;
  std::span<const std::uintptr_t> stack;  ///< where, see loop::stack_of()
};

/// To be asked soon, on the thread where it was thrown: the stack is forgotten.
Thrown thrown_of(const std::exception_ptr& exception);

}  // namespace troupe::engine
