#include <troupe/contract/pool.hpp>

#include <array>
#include <cstdint>
#include <new>
#include <utility>

namespace troupe::detail {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool recycles = false;  // sanitizers should see every allocation
#else
constexpr bool recycles = true;
#endif

constexpr std::size_t granule = 32;
constexpr std::size_t largest = 1024;
constexpr std::size_t classes = largest / granule;
constexpr std::uint32_t kept_per_class = 4096;

struct Block {
  Block* next;
};

struct FreeList {
  Block* head = nullptr;
  std::uint32_t length = 0;
};

/// Plain data, so that a thread that ends can still release blocks after the keeper below has gone.
thread_local constinit std::array<FreeList, classes> lists{};
thread_local constinit bool closed = false;

struct Keeper {
  ~Keeper() {
    closed = true;
    for (auto& list : lists) {
      while (list.head) ::operator delete(std::exchange(list.head, list.head->next));
      list.length = 0;
    }
  }
};

void keep_until_thread_ends() { thread_local Keeper keeper; }

}  // namespace

void* pool_allocate(std::size_t size) {
  if constexpr (!recycles) return ::operator new(size);
  if (size > largest) return ::operator new(size);
  const std::size_t index = (size + granule - 1) / granule - 1;
  auto& list = lists[index];
  if (list.head) {
    Block* block = list.head;
    list.head = block->next;
    --list.length;
    return block;
  }
  return ::operator new((index + 1) * granule);
}

void pool_release(void* block, std::size_t size) noexcept {
  if constexpr (!recycles) return ::operator delete(block);
  if (size > largest || closed) return ::operator delete(block);
  auto& list = lists[(size + granule - 1) / granule - 1];
  if (list.length >= kept_per_class) return ::operator delete(block);
  if (list.length == 0) keep_until_thread_ends();
  auto* freed = static_cast<Block*>(block);
  freed->next = list.head;
  list.head = freed;
  ++list.length;
}

}  // namespace troupe::detail
