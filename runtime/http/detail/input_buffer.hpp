#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include <troupe/wire/secret.hpp>

namespace troupe::http {

/// What a connection has received and not yet parsed: one flat piece of memory, reused, that grows up to a limit.
class InputBuffer {
 public:
  explicit InputBuffer(std::size_t limit) : limit_(limit) {}
  ~InputBuffer() { clear(); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  bool empty() const { return begin_ == end_; }
  bool full() const { return end_ - begin_ == limit_; }
  std::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }

  /// Room to receive into; empty only when full.
  std::span<char> prepare() {
    if (begin_ > 0) move_to_front();
    if (end_ == capacity_ || filled_) grow();
    filled_ = false;
    return {memory_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t received) {
    end_ += received;
    filled_ = end_ == capacity_;
  }
  /// What was parsed may hold a secret: it is overwritten.
  void consume(std::size_t parsed) {
    wipe({memory_.get() + begin_, parsed});
    begin_ += parsed;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { consume(end_ - begin_); }

 private:
  static constexpr std::size_t first_capacity = 2048;  ///< more than most requests: a short read tells that it was all

  void move_to_front() {
    const std::size_t end = end_;
    std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    wipe({memory_.get() + end_, end - end_});
    begin_ = 0;
  }
  void grow() {
    const std::size_t capacity = std::min(limit_, std::max(first_capacity, capacity_ * 2));
    if (capacity == capacity_) return;
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);  // NOLINT(modernize-avoid-c-arrays)
    if (end_ > 0) std::memcpy(memory.get(), memory_.get(), end_);
    wipe({memory_.get(), end_});
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  const std::size_t limit_;
  std::unique_ptr<char[]> memory_;  // NOLINT(modernize-avoid-c-arrays)
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  ///< the last read took all the room: the next one gets more
};

}  // namespace troupe::http
