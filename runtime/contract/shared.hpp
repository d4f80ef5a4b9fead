#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <troupe/contract/pool.hpp>

namespace troupe {

/// An intrusive pointer for objects that count their own references, across threads.
template <class T>
class Shared {
 public:
  Shared() = default;
  explicit Shared(T* object) : object_(object) {
    if (object_) object_->retain();
  }
  Shared(const Shared& other) : Shared(other.object_) {}
  Shared(Shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Shared(Shared<U> other) noexcept : object_(other.release()) {}  // NOLINT(google-explicit-constructor)
  Shared& operator=(Shared other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Shared() {
    if (object_) object_->drop();
  }

  /// Takes over a reference that release() gave away.
  static Shared adopt(T* object) {
    Shared s;
    s.object_ = object;
    return s;
  }
  T* release() { return std::exchange(object_, nullptr); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const Shared&, const Shared&) = default;

 private:
  T* object_ = nullptr;
};

/// Reference counting for Shared. The last owner deletes through the virtual destructor.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept {
    // A sole owner needs no read-modify-write.
    if (count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete this;
    }
  }

  static void* operator new(std::size_t size) { return detail::pool_allocate(size); }
  static void operator delete(void* p, std::size_t size) noexcept { detail::pool_release(p, size); }

 protected:
  // Virtual for drop(), protected from everybody else.
  virtual ~RefCounted() = default;

 private:
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace troupe
