#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/wire/fault.hpp>

namespace troupe::wire {

/// What decoding yields: a value, or everything that is wrong with the input.
template <class T>
class [[nodiscard]] Decoded {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;`
  Decoded(T value) : value_(std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): `return faults;`
  Decoded(std::vector<Fault> faults) : faults_(std::move(faults)) { assert(!faults_.empty()); }

  bool has_value() const { return value_.has_value(); }
  explicit operator bool() const { return has_value(); }

  const T& operator*() const& { return *value_; }
  T& operator*() & { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  const T* operator->() const { return &*value_; }
  T* operator->() { return &*value_; }

  /// Empty where there is a value.
  const std::vector<Fault>& faults() const& { return faults_; }
  std::vector<Fault>&& faults() && { return std::move(faults_); }

 private:
  std::optional<T> value_;
  std::vector<Fault> faults_;
};

}  // namespace troupe::wire
