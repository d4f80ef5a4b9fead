#include <algorithm>

#include "actors/user/api.hpp"

namespace shop::user {

namespace {

constexpr std::size_t max_email_bytes = 254;

bool is_graphic(char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }

bool is_domain_character(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_digit = c >= '0' && c <= '9';
  // Beyond ASCII: internationalized names, as RFC 6531 allows them.
  return is_letter || is_digit || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool is_email(std::string_view text) {
  if (text.size() > max_email_bytes || !std::ranges::all_of(text, is_graphic)) return false;
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0) return false;
  const auto domain = text.substr(at + 1);
  if (domain.empty() || !std::ranges::all_of(domain, is_domain_character)) return false;
  return !domain.starts_with('.') && !domain.ends_with('.') && domain.find("..") == std::string_view::npos;
}

}  // namespace shop::user
