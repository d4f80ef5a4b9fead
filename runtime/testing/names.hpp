#pragma once

#include <map>
#include <string>
#include <string_view>

namespace troupe::testing {

/// Puts names in the place of what differs from run to run: ids, times, tokens, cursors, digests, password hashes.
///
///     {"id":"01m7y867…","at":"2026-01-01T…"}   becomes   {"id":"<id 3>","at":"<time>"}
///
/// An id is numbered by its first appearance, so that texts of two runs are equal where the same ids stand in the same
/// places. Threads: one.
class Names {
 public:
  enum class Unknown : std::uint8_t {
    number,  ///< an id that was not seen before gets the next number
    blur     ///< and here none: `<id>`; where the order of appearance says nothing
  };

  std::string normalise(std::string_view text, Unknown unknown = Unknown::number);

  /// A name for an opaque value, such as an entity tag: the same for the same value.
  std::string name(std::string_view kind, const std::string& value);

 private:
  std::string name_of_id(std::string_view id, Unknown unknown);
  /// What stands for a word, and where it is none of these, nothing.
  std::string name_of_word(std::string_view word, Unknown unknown);

  std::map<std::string, std::string, std::less<>> names_;
  std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace troupe::testing
