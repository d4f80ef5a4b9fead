#pragma once

#include <cstddef>

namespace troupe::detail {

/// Memory for the short-lived objects of a call (envelopes, coroutine frames), kept in free lists by size class per
/// thread. Blocks may be released on another thread than they came from. Sizes above 1 KiB go to the heap.
void* pool_allocate(std::size_t size);
void pool_release(void* block, std::size_t size) noexcept;

}  // namespace troupe::detail
