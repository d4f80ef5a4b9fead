#include <troupe/loop/throw_trace.hpp>

#include <cxxabi.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include <troupe/loop/loop.hpp>
#include <troupe/loop/stack_trace.hpp>

namespace troupe::loop {

namespace {

/// As many as a turn may throw and catch while it ends by an exception, in destructors.
constexpr std::size_t kept_throws = 4;

struct Throw {
  const void* object = nullptr;
  const std::type_info* type = nullptr;  ///< memory is used again, also by what no throw has made
  StackTrace stack;
  std::size_t own_calls = 0;  ///< the innermost ones, of the hook itself
};

struct Throws {
  std::array<Throw, kept_throws> kept;
  std::size_t next = 0;
  unsigned recordings = 0;  ///< RecordThrows that live

  void forget(const void* object) noexcept {
    if (next == 0) return;
    for (Throw& each : kept) {
      if (each.object == object) each.object = nullptr;
    }
  }
  Throw& make_room() noexcept { return kept[next++ % kept_throws]; }
};

constinit thread_local Throws throws;

/// The object that was thrown. Libstdc++'s pointer to an exception is a plain pointer to it.
const void* object_of(const std::exception_ptr& exception) noexcept {
  static_assert(sizeof(exception) == sizeof(void*));
  const void* object = nullptr;
  std::memcpy(static_cast<void*>(&object), static_cast<const void*>(&exception), sizeof object);
  return object;
}

}  // namespace

std::span<const std::uintptr_t> stack_of(const std::exception_ptr& exception) noexcept {
  const void* const object = object_of(exception);
  // The latest first: memory of exceptions that are gone is used again.
  for (std::size_t age = 1; object && age <= kept_throws; ++age) {
    const Throw& kept = throws.kept[(throws.next - age) % kept_throws];
    if (kept.object != object || *kept.type != *exception.__cxa_exception_type()) continue;
    const auto addresses = kept.stack.addresses();
    return addresses.subspan(std::min(kept.own_calls, addresses.size()));
  }
  return {};
}

void bring_throw(const std::exception_ptr& exception, std::span<const std::uintptr_t> stack) noexcept {
  if (!exception) return;
  throws.forget(object_of(exception));
  if (stack.empty()) return;
  Throw& kept = throws.make_room();
  kept = {object_of(exception), exception.__cxa_exception_type(), StackTrace(stack), 0};
}

RecordThrows::RecordThrows() noexcept { ++throws.recordings; }
RecordThrows::~RecordThrows() { --throws.recordings; }

bool records_throws() noexcept { return TROUPE_RECORDS_THROWS != 0; }

}  // namespace troupe::loop

#if TROUPE_RECORDS_THROWS

namespace troupe::loop {

namespace {

[[gnu::always_inline]] inline void note(const void* thrown, const std::type_info* type) noexcept {
  if (throws.recordings > 0 || Loop::current()) {
    Throw& kept = throws.make_room();
    kept.object = thrown;
    kept.type = type;
    kept.stack.capture();
    kept.own_calls = 1;
  } else {
    // Its memory may have been that of one that was recorded.
    throws.forget(thrown);
  }
}

[[noreturn]] void end_without_a_next() noexcept {
  std::fputs(
      "Exceptions can't be thrown in this program: beside its own __cxa_throw, which notes where, no library has one. "
      "Link libstdc++ as a shared library.\n",
      stderr);
  std::abort();
}

}  // namespace

}  // namespace troupe::loop

// A throw is a call of __cxa_throw, in this program as in the libraries that it is linked with, and whichever
// definition the dynamic linker finds first gets all of them. This one notes where it was called and goes on to the
// next, which is that of libstdc++, a shared library. Sanitizers have a definition of their own for knowing which
// frames of a stack a throw has ended; depending on the compiler it is a part of the program, where there can be but
// one.
// NOLINTBEGIN(bugprone-reserved-identifier): the names are those of the C++ ABI.
namespace __cxxabiv1 {

extern "C" [[gnu::noinline, gnu::visibility("default")]] void __cxa_throw(void* thrown, std::type_info* type,
                                                                          void (*destructor)(void*)) {
  troupe::loop::note(thrown, type);
  static auto* const next = reinterpret_cast<decltype(&__cxa_throw)>(::dlsym(RTLD_NEXT, "__cxa_throw"));
  if (!next) troupe::loop::end_without_a_next();
  next(thrown, type, destructor);
  __builtin_unreachable();
}

}  // namespace __cxxabiv1
// NOLINTEND(bugprone-reserved-identifier)

#endif
