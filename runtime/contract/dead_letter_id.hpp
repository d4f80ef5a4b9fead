#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/wire/id.hpp>

namespace troupe {

/// What names a dead letter, on whichever node it lies: `order/01m7y867qze0w8hrp2zn2tbcyb`, the protocol of its sender
/// and the operation of the send. It stays the same when the letter is retried and dies again.
struct DeadLetterId {
  std::string protocol;
  Uuid operation;

  auto operator<=>(const DeadLetterId&) const = default;
};

inline std::string to_text(const DeadLetterId& id) { return id.protocol + '/' + to_text(id.operation); }

/// Empty for what has not this form.
inline std::optional<DeadLetterId> parse_dead_letter_id(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const auto operation = parse_uuid(text.substr(slash + 1));
  if (!operation || operation->is_nil()) return std::nullopt;
  return DeadLetterId{std::string(text.substr(0, slash)), *operation};
}

}  // namespace troupe
