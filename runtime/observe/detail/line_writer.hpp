#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::observe::detail {

/// Writes lines to a descriptor that may be slow, stuck or closed. Threads: one writes, any may call the rest.
class LineWriter {
 public:
  explicit LineWriter(int descriptor) : descriptor_(descriptor) {}

  /// Waits for a slow reader, but not once `give_up` has been called and the patience is over.
  void write(std::string_view line);

  void give_up() { giving_up_ = true; }

  /// Lines that the descriptor did not take.
  std::uint64_t lost() const { return lost_; }

 private:
  enum class Wait { ready, hopeless };

  Wait wait();

  int descriptor_;
  int patience_used_ = 0;  ///< turns of waiting since `give_up`
  std::atomic<bool> giving_up_ = false;
  std::atomic<std::uint64_t> lost_ = 0;
  std::string buffer_;
};

}  // namespace troupe::observe::detail
