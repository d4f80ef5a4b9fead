#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/wire/holds.hpp>

namespace troupe {

/// Overwrites what nobody is to find in memory that is given back; no compiler leaves it out.
inline void wipe(std::span<char> octets) noexcept {
  if (!octets.empty()) ::explicit_bzero(octets.data(), octets.size());
}
inline void wipe(std::string& text) noexcept {
  wipe(std::span<char>(text));
  text.clear();
}

/// A text that is seen by nobody but whom it is for, such as a password: the type of such a field of a message.
///
///     struct SignIn { std::string email; Secret password; };
///
/// On the wire it is a string, with a string's rules. Nothing prints it, it is compared and taken only by `reveal()`,
/// and its memory is overwritten when it is given up. A message that holds one is asked, never sent, since what is sent
/// is kept until it arrives; neither a reply nor a state holds one. All of these are compile errors.
class Secret {
 public:
  Secret() = default;
  Secret(const char* text) : Secret(std::string_view(text)) {}  // NOLINT(google-explicit-constructor): as a string
  Secret(const std::string& text) : Secret(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  Secret(std::string_view text) { assign(text); }                      // NOLINT(google-explicit-constructor)
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept = default;
  Secret& operator=(const Secret& other) {
    if (this != &other) assign(other.reveal());
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    std::swap(octets_, other.octets_);  // what was here is overwritten there
    return *this;
  }
  ~Secret() { wipe(octets_); }

  void assign(std::string_view text) {
    wipe(octets_);
    octets_.assign(text.begin(), text.end());
  }

  /// For whom it is meant. Its data is never null, as a string's is not, for functions of C.
  std::string_view reveal() const { return octets_.empty() ? "" : std::string_view(octets_.data(), octets_.size()); }

  friend bool operator==(const Secret& a, const Secret& b) { return a.reveal() == b.reveal(); }

 private:
  std::vector<char> octets_;  // never inside of the object, where a move would leave a copy
};

namespace wire {

template <class T>
using IsSecret = std::is_same<T, Secret>;

/// Whether a T is a secret, or holds one somewhere within.
template <class T>
inline constexpr bool holds_secret = holds<IsSecret, T>;

/// The text of either kind of string.
inline std::string_view text_of(std::string_view text) { return text; }
inline std::string_view text_of(const std::string& text) { return text; }
inline std::string_view text_of(const Secret& secret) { return secret.reveal(); }

}  // namespace wire
}  // namespace troupe
