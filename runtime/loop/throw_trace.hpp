#pragma once

#include <cstdint>
#include <exception>
#include <span>

namespace troupe::loop {

/// Where this was thrown, innermost call first, for to_text(); empty where nobody knows.
///
/// Known are the last few throws of the calling thread while it ran a loop, or under a RecordThrows; of all others a
/// throw costs one look at a variable of its thread. Not known is what a foreign library rethrew as another object, and
/// nothing in builds with a sanitizer, which has the one place where throws can be seen for itself.
/// Lifetime: until the thread has thrown a few times more.
std::span<const std::uintptr_t> stack_of(const std::exception_ptr& exception) noexcept;

/// For an exception that was caught on another thread and goes on on this one: from now on, stack_of() tells here what
/// it told there, `stack`. Where that is empty, nothing is known here either.
void bring_throw(const std::exception_ptr& exception, std::span<const std::uintptr_t> stack) noexcept;

/// Has throws of this thread recorded for as long as it lives, as those of loops always are.
class RecordThrows {
 public:
  RecordThrows() noexcept;
  ~RecordThrows();
  RecordThrows(const RecordThrows&) = delete;
  RecordThrows& operator=(const RecordThrows&) = delete;
};

/// Whether this build records throws at all.
bool records_throws() noexcept;

}  // namespace troupe::loop
