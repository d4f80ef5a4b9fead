#include "tests/storage/lane/failing_memory.hpp"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace troupe::storage::test {

namespace {

enum class Phase : std::uint8_t { off, armed, failed };

thread_local Phase phase = Phase::off;
thread_local std::size_t left = 0;

void* allocate(std::size_t size) noexcept {
  if (phase == Phase::armed && left-- == 0) {
    phase = Phase::failed;
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}

void* allocate_or_throw(std::size_t size) {
  void* const memory = allocate(size);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

FailingMemory::FailingMemory(std::size_t after) {
  left = after;
  phase = Phase::armed;
}

FailingMemory::~FailingMemory() { phase = Phase::off; }

bool FailingMemory::has_failed() const { return phase == Phase::failed; }

}  // namespace troupe::storage::test

// The program's own, all of them, so that no pair is of two kinds.
void* operator new(std::size_t size) { return troupe::storage::test::allocate_or_throw(size); }
void* operator new[](std::size_t size) { return troupe::storage::test::allocate_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return troupe::storage::test::allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return troupe::storage::test::allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
