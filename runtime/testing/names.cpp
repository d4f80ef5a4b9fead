#include <troupe/testing/names.hpp>

#include <algorithm>
#include <cstdint>

#include <troupe/contract/page.hpp>
#include <troupe/wire/id.hpp>

namespace troupe::testing {

namespace {

constexpr std::size_t shortest_digest = 32;
constexpr std::string_view time_pattern = "dddd-dd-ddTdd:dd:dd.dddZ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Of what ids, tokens and cursors are made; a dot joins the parts of a token.
bool is_of_word(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.'; }

bool is_time(std::string_view text) {
  if (text.size() < time_pattern.size()) return false;
  for (std::size_t i = 0; i < time_pattern.size(); ++i) {
    if (time_pattern[i] == 'd' ? !is_digit(text[i]) : text[i] != time_pattern[i]) return false;
  }
  return true;
}

bool is_digest(std::string_view word) {
  return word.size() >= shortest_digest &&
         std::ranges::all_of(word, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_token(std::string_view word) { return word.starts_with("eyJ") && std::ranges::count(word, '.') == 2; }

/// The length of a password's hash in the PHC string format at the beginning of a text; 0: none is there.
std::size_t hash_length(std::string_view text) {
  constexpr std::string_view beginning = "$argon2";
  if (!text.starts_with(beginning)) return 0;
  return std::min(text.find_first_of("\"\\ "), text.size());
}

}  // namespace

std::string Names::name(std::string_view kind, const std::string& value) {
  auto& name = names_[value];
  if (name.empty()) {
    name = '<' + std::string(kind) + ' ' + std::to_string(++counts_[std::string(kind)]) + '>';
  }
  return name;
}

std::string Names::name_of_id(std::string_view id, Unknown unknown) {
  const auto known = names_.find(id);
  if (known != names_.end()) return known->second;
  if (unknown == Unknown::blur) return "<id>";
  return name("id", std::string(id));
}

std::string Names::name_of_word(std::string_view word, Unknown unknown) {
  if (word.size() == uuid_text_size) {
    const auto id = parse_uuid(word);
    if (id && !id->is_nil()) return name_of_id(word, unknown);
  }
  if (is_token(word)) return "<token>";
  if (is_digest(word)) return "<digest>";
  if (word.size() < 20) return {};
  const auto cursor = wire::TextCodec<Cursor>::from_text(word);
  if (!cursor) return {};
  return "<cursor at " + normalise(cursor->key.to_string(), unknown) + '>';
}

std::string Names::normalise(std::string_view text, Unknown unknown) {
  std::string result;
  while (!text.empty()) {
    if (is_time(text)) {
      result += "<time>";
      text.remove_prefix(time_pattern.size());
    } else if (const std::size_t hash = hash_length(text)) {
      result += "<hash>";
      text.remove_prefix(hash);
    } else if (is_of_word(text.front())) {
      std::string_view word = text.substr(0, std::ranges::find_if_not(text, &is_of_word) - text.begin());
      std::string name = name_of_word(word, unknown);
      if (const auto joint = word.find_first_of("-_."); name.empty() && joint != std::string_view::npos) {
        // A word of several: an id may be one of them.
        word = word.substr(0, joint + 1);
        name = name_of_word(word.substr(0, joint), unknown);
        if (!name.empty()) name += word.back();
      }
      result += name.empty() ? word : name;
      text.remove_prefix(word.size());
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace troupe::testing
