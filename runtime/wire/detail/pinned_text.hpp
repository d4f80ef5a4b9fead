#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <troupe/wire/secret.hpp>

namespace troupe::wire::detail {

/// Of text that may hold a secret: what was read from it has a copy.
struct WipingDelete {
  std::size_t size = 0;
  void operator()(char* octets) const {
    wipe({octets, size});
    delete[] octets;
  }
};

/// Text that stays where it was written when its owner moves, so that what points into it may move along.
///
/// A std::string promises less: it keeps a short text inside itself.
/// Lifetime: views of it are good as long as it, or what it was moved to, lives.
class PinnedText {
 public:
  /// Takes no memory until the first append. Units: `most` is in octets, and counts all that will ever be appended.
  explicit PinnedText(std::size_t most) : most_(most) {}

  /// Errors: throws std::length_error where it is more than was announced.
  void append(std::string_view text) {
    if (!octets_) {
      octets_ = {new char[most_], WipingDelete{most_}};
      size_ = 0;
    }
    if (text.size() > most_ - size_) throw std::length_error("more text than was announced");
    if (!text.empty()) std::memcpy(octets_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }

  /// The end of what was appended.
  std::string_view last(std::size_t size) const {
    return std::string_view(octets_.get(), octets_ ? size_ : 0).substr(size_ - size);
  }

 private:
  std::unique_ptr<char[], WipingDelete> octets_;  // NOLINT(modernize-avoid-c-arrays)
  std::size_t most_;
  std::size_t size_ = 0;
};

}  // namespace troupe::wire::detail
