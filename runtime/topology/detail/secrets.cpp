#include <troupe/topology/detail/secrets.hpp>

#include <troupe/wire/bytes.hpp>

#include <algorithm>
#include <charconv>

namespace troupe::topology::detail {
namespace {

constexpr std::size_t most_secrets = 8;

bool is_hex(std::string_view text) {
  return text.size() % 2 == 0 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::string from_hex(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned octet = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, octet, 16);
    octets.push_back(static_cast<char>(octet));
  }
  return octets;
}

/// What is wrong with a text that is not empty; empty: nothing.
std::string fault_of(const std::optional<std::string>& octets) {
  if (!octets) return "`secret` is neither base64url without padding nor hexadecimal";
  if (octets->size() >= least_secret_octets) return {};
  return "`secret` has " + std::to_string(octets->size()) + " octets, and needs " + std::to_string(least_secret_octets);
}

}  // namespace

std::optional<std::string> decode_secret(std::string_view text) {
  if (is_hex(text)) return from_hex(text);
  const auto bytes = parse_base64url(text);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

std::vector<std::string> read_secrets(TableReader& top, const Catalog& catalog) {
  const std::string hint = catalog.application.empty() ? "make one with the command `secret`"
                                                       : "make one with `" + catalog.application + " secret`";
  std::vector<std::string> secrets;
  const auto add = [&](const std::string& text, Position at) {
    if (text.empty()) return;
    auto octets = decode_secret(text);
    if (const auto fault = fault_of(octets); !fault.empty()) return top.faults().add(at, fault, hint);
    secrets.push_back(*std::move(octets));
  };
  const Entry* entry = top.entry("secret");
  if (entry == nullptr || entry->value.get<Array>() == nullptr) {
    std::string text;
    top.read("secret", text);
    if (entry != nullptr) add(text, entry->value.at);
    return secrets;
  }
  const auto texts = top.texts("secret");
  if (texts.size() > most_secrets) {
    top.faults().add(entry->value.at, "`secret` has more than " + std::to_string(most_secrets) + " items",
                     "leave out those that no node proves any more");
    return secrets;
  }
  const bool any = std::ranges::any_of(texts, [](const auto& text) { return !text.value.empty(); });
  if (any && texts.front().value.empty()) {
    top.faults().add(texts.front().at, "the first item of `secret` is empty",
                     "put first what this node proves, and behind it what others may still prove");
  }
  for (const auto& text : texts) add(text.value, text.at);
  return secrets;
}

}  // namespace troupe::topology::detail
