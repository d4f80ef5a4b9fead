#include <troupe/wire/etag.hpp>

#include <xxhash.h>

#include <algorithm>

#include <troupe/wire/hex.hpp>

namespace troupe {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }

/// What RFC 9110 lets stand between the quotes.
constexpr bool is_tag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// The position behind the tag that begins at `at`; npos when none does.
std::size_t end_of_tag(std::string_view text, std::size_t at) {
  if (text.substr(at).starts_with("W/")) at += 2;
  if (at >= text.size() || text[at] != '"') return std::string_view::npos;
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (!is_tag_character(text[at])) return std::string_view::npos;
  }
  return std::string_view::npos;
}

}  // namespace

std::string etag_of(std::string_view octets) {
  XXH128_canonical_t hash{};
  XXH128_canonicalFromHash(&hash, XXH3_128bits(octets.data(), octets.size()));
  std::string tag;
  tag.reserve(34);
  tag += '"';
  append_hex(tag, hash.digest);
  tag += '"';
  return tag;
}

std::optional<std::vector<std::string>> parse_entity_tags(std::string_view field) {
  while (!field.empty() && is_space(field.back())) field.remove_suffix(1);
  std::vector<std::string> tags;
  std::size_t at = skip_spaces(field, 0);
  if (field.substr(at) == "*") return std::vector<std::string>{"*"};
  while (at < field.size()) {
    if (field[at] != ',') {
      const std::size_t end = end_of_tag(field, at);
      if (end == std::string_view::npos) return std::nullopt;
      tags.emplace_back(field.substr(at, end - at));
      at = skip_spaces(field, end);
      if (at < field.size() && field[at] != ',') return std::nullopt;
    }
    if (at < field.size()) at = skip_spaces(field, at + 1);
  }
  if (tags.empty()) return std::nullopt;
  return tags;
}

bool etag_matches(const std::vector<std::string>& if_match, std::string_view etag) {
  if (if_match.empty()) return true;
  return std::any_of(if_match.begin(), if_match.end(),
                     [&](const std::string& tag) { return tag == "*" || tag == etag; });
}

bool etag_matches(const std::optional<std::vector<std::string>>& if_match, std::string_view etag) {
  return !if_match || etag_matches(*if_match, etag);
}

}  // namespace troupe
