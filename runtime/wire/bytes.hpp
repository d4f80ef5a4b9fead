#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Octets without a meaning of their own. Text (also in JSON): base64url without padding, RFC 4648 section 5.
using Bytes = std::vector<std::byte>;

void append_base64url(std::string& out, const Bytes& bytes);
std::string to_base64url(const Bytes& bytes);

/// Strict: no padding, no space, no stray bits at the end, so each value has one text.
std::optional<Bytes> parse_base64url(std::string_view text);

}  // namespace troupe
