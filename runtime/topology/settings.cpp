#include <troupe/topology/settings.hpp>

#include <charconv>

namespace troupe::topology::detail {
namespace {

/// A reference token of a JSON pointer as the key that it stands for (RFC 6901).
std::string unescaped(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    key += !escape ? token[i] : token[++i] == '1' ? '/' : '~';
  }
  return key;
}

}  // namespace

void Binder::unknown_keys(const Table& entries, const std::string& path, const std::vector<std::string>& known) {
  for (const Entry& entry : entries) {
    bool is_known = false;
    for (const std::string& name : known) is_known = is_known || name == entry.key;
    if (!is_known) {
      faults_.add(entry.at, "unknown key " + quote(entry.key) + " in [" + path + "]",
                  suggest(entry.key, known, "keys"));
    }
  }
}

void Binder::unknown_value(const Value& from, const KeyPath& key, std::string_view text,
                           const std::vector<std::string>& known) {
  faults_.add(from.at, key.name() + " is " + quote(text) + ", which it cannot be", suggest(text, known, "values"));
}

void Binder::wrong_type(const Value& from, const KeyPath& key, std::string_view wanted) {
  faults_.add(from.at, key.name() + " must be " + std::string(wanted) + ", not " + std::string(type_name(from)),
              "see the domain's settings");
}

void Binder::out_of_range(const Value& from, const KeyPath& key, std::int64_t number, std::int64_t least,
                          std::int64_t most) {
  faults_.add(from.at, key.name() + " is " + std::to_string(number),
              "it must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

std::optional<std::int64_t> Binder::whole(const Value& from, const KeyPath& key) {
  if (const auto* number = from.get<std::int64_t>()) return *number;
  if (const auto* text = from.get<std::string>(); text != nullptr && from.origin == Origin::environment) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (!text->empty() && error == std::errc{} && end == text->data() + text->size()) return number;
  }
  wrong_type(from, key, "a whole number");
  return std::nullopt;
}

std::optional<double> Binder::floating(const Value& from, const KeyPath& key) {
  if (const auto* number = from.get<double>()) return *number;
  if (const auto* number = from.get<std::int64_t>()) return static_cast<double>(*number);
  wrong_type(from, key, "a number");
  return std::nullopt;
}

std::optional<Duration> Binder::duration(const Value& from, const KeyPath& key) {
  const auto* text = from.get<std::string>();
  const auto parsed = text == nullptr ? std::nullopt : read_duration(*text);
  if (!parsed) {
    faults_.add(from.at,
                key.name() + " is no duration: " + (text == nullptr ? std::string(type_name(from)) : quote(*text)),
                "write a duration such as \"250ms\", \"10s\" or \"15m\"");
  }
  return parsed;
}

Position place_of(const SettingsTable& settings, std::string_view pointer) {
  Position at = settings.at;
  const Table* table = &settings.entries;
  const Array* array = nullptr;
  while (!pointer.empty() && (table != nullptr || array != nullptr)) {
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    const Value* next = nullptr;
    std::size_t index = 0;
    if (table != nullptr) {
      const Entry* entry = find(*table, unescaped(token));
      next = entry == nullptr ? nullptr : &entry->value;
    } else if (std::from_chars(token.data(), token.data() + token.size(), index).ec == std::errc{}) {
      next = index < array->size() ? &(*array)[index] : nullptr;
    }
    // A default that breaks a rule has no place of its own: the table's stands in.
    if (next == nullptr) return at;
    at = next->at;
    table = next->get<Table>();
    array = next->get<Array>();
  }
  return at;
}

}  // namespace troupe::topology::detail
