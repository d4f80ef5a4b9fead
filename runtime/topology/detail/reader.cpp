#include <troupe/topology/detail/reader.hpp>

#include <algorithm>
#include <charconv>

namespace troupe::topology::detail {
namespace {

std::string between(Range range) {
  if (range.from == range.to) return std::to_string(range.from);
  return "a whole number from " + std::to_string(range.from) + " to " + std::to_string(range.to);
}

/// An integer, or a text made of environment variables that spells one.
std::optional<std::int64_t> integer_of(const Value& value) {
  if (const auto* number = value.get<std::int64_t>()) return *number;
  const auto* text = value.get<std::string>();
  if (text == nullptr || value.origin != Origin::environment) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (text->empty() || error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

}  // namespace

const Entry* TableReader::entry(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return find(table_, key);
}

void TableReader::read(std::string_view key, std::string& target) {
  const Entry* found = entry(key);
  if (found == nullptr) return;
  if (const auto* text = found->value.get<std::string>()) {
    target = *text;
  } else {
    wrong_type(*found, "a string", "put it in quotes");
  }
}

void TableReader::read(std::string_view key, std::uint32_t& target, Range range) {
  const Entry* found = entry(key);
  if (found == nullptr) return;
  const auto number = integer_of(found->value);
  if (!number) {
    wrong_type(*found, between(range),
               "for example: " + std::string(key) + " = " + std::to_string(std::max(target, range.from)));
  } else if (*number < range.from || *number > range.to) {
    faults_.add(found->value.at, name(key) + " is " + std::to_string(*number), "it must be " + between(range));
  } else {
    target = static_cast<std::uint32_t>(*number);
  }
}

void TableReader::read(std::string_view key, Duration& target, Duration least) {
  const Entry* found = entry(key);
  if (found == nullptr) return;
  const auto* text = found->value.get<std::string>();
  if (text == nullptr) return wrong_type(*found, "a duration", duration_hint);
  const auto duration = read_duration(*text);
  if (!duration) {
    faults_.add(found->value.at, name(key) + " is no duration: " + quote(*text), std::string(duration_hint));
  } else if (*duration < least) {
    faults_.add(found->value.at, name(key) + " is " + quote(*text), "it must be at least " + troupe::to_text(least));
  } else {
    target = *duration;
  }
}

const Table* TableReader::table(std::string_view key) {
  const Entry* found = entry(key);
  if (found == nullptr) return nullptr;
  const auto* inner = found->value.get<Table>();
  if (inner == nullptr) wrong_type(*found, "a table", "write { key = value } or a section of its own");
  return inner;
}

std::vector<Located<std::string>> TableReader::texts(std::string_view key) {
  std::vector<Located<std::string>> found_texts;
  const Entry* found = entry(key);
  if (found == nullptr) return found_texts;
  const auto* items = found->value.get<Array>();
  if (items == nullptr) {
    wrong_type(*found, "a list of strings", "for example: " + std::string(key) + " = [\"...\"]");
    return found_texts;
  }
  for (const Value& item : *items) {
    if (const auto* text = item.get<std::string>()) {
      found_texts.push_back({*text, item.at});
    } else {
      faults_.add(item.at, name(key) + " holds " + std::string(type_name(item)), "it must be a list of strings");
    }
  }
  return found_texts;
}

std::vector<Located<std::optional<Address>>> TableReader::addresses(std::string_view key, AddressKind kind) {
  const bool sockets = kind == AddressKind::port_or_socket;
  const std::string hint = std::string(address_hint) + (sockets ? ", or \"unix:PATH\"" : "");
  std::vector<Located<std::optional<Address>>> list;
  const Entry* found = entry(key);
  if (found == nullptr) return list;
  const auto add = [&](const Value& value) {
    const auto* text = value.get<std::string>();
    const auto address = text == nullptr ? std::nullopt : sockets ? parse_link_address(*text) : parse_address(*text);
    if (!address) {
      faults_.add(value.at,
                  name(key) + " is no address: " + (text == nullptr ? std::string(type_name(value)) : quote(*text)),
                  hint);
    }
    list.push_back({address, value.at});
  };
  if (const auto* items = found->value.get<Array>()) {
    if (items->empty()) faults_.add(found->value.at, name(key) + " is an empty list", hint);
    std::ranges::for_each(*items, add);
  } else {
    add(found->value);
  }
  return list;
}

std::optional<Located<std::string>> TableReader::ip_address(std::string_view key) {
  const Entry* found = entry(key);
  if (found == nullptr) return std::nullopt;
  const auto* text = found->value.get<std::string>();
  if (text != nullptr && is_ip_address(*text)) return Located<std::string>{*text, found->value.at};
  faults_.add(
      found->value.at,
      name(key) + " is no IP address: " + (text == nullptr ? std::string(type_name(found->value)) : quote(*text)),
      "write the address of an interface of that machine, or \"0.0.0.0\" for all");
  return std::nullopt;
}

void TableReader::finish() {
  for (const Entry& entry : table_) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    faults_.add(entry.at, "unknown key " + name(entry.key), suggest(entry.key, known_, "keys"));
  }
}

std::string TableReader::name(std::string_view key) const {
  return path_.empty() ? quote(key) : quote(key) + " in [" + path_ + "]";
}

void TableReader::wrong_type(const Entry& entry, std::string_view wanted, std::string_view hint) {
  faults_.add(entry.value.at,
              name(entry.key) + " must be " + std::string(wanted) + ", not " + std::string(type_name(entry.value)),
              std::string(hint));
}

}  // namespace troupe::topology::detail
