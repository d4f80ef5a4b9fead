#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <troupe/wire/id.hpp>

namespace troupe::loop {

/// What a thread is at: which message it handles, and for whom. Plain memory and views of what lives as long as the
/// program, so that a signal's handler may fill it.
class Activity {
 public:
  static constexpr std::size_t longest_text = 300;

  std::string_view protocol;  ///< empty: no message
  std::string_view message;

  void set_key(const Uuid& id) {
    id_ = id;
    text_size_ = 0;
  }
  /// What is longer is cut.
  void set_key(std::string_view text) {
    text_size_ = std::min(text.size(), text_.size());
    std::copy_n(text.begin(), text_size_, text_.begin());
  }
  /// Not for signals' handlers.
  std::string key() const { return text_size_ > 0 ? std::string(text_.data(), text_size_) : to_text(id_); }

 private:
  Uuid id_{};
  std::size_t text_size_ = 0;
  std::array<char, longest_text> text_{};
};

/// Who knows what a thread is at. `describe` is called on that thread by a signal's handler, at any moment: it may read
/// what that thread alone writes, and must neither allocate nor lock.
struct ActivitySource {
  void (*describe)(const void* object, Activity& activity) noexcept = nullptr;
  const void* object = nullptr;
};

}  // namespace troupe::loop
