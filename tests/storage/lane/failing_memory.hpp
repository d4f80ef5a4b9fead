#pragma once

#include <cstddef>

namespace troupe::storage::test {

/// While it lives, one allocation of this thread by `new` fails. At most one lives on a thread.
class FailingMemory {
 public:
  /// `after`: so many succeed before.
  explicit FailingMemory(std::size_t after);
  ~FailingMemory();
  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;

  bool has_failed() const;
};

}  // namespace troupe::storage::test
