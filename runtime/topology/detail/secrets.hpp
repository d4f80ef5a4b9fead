#pragma once

#include <troupe/topology/catalog.hpp>
#include <troupe/topology/detail/reader.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::topology::detail {

/// Fewer octets could be guessed by whoever holds something that was made with the secret.
inline constexpr std::size_t least_secret_octets = 32;

/// The octets of a secret's text: hexadecimal where all of it is, else base64url without padding. Nothing for others.
std::optional<std::string> decode_secret(std::string_view text);

/// The `secret` at the top of a file: one, or a list whose first proves and whose others are accepted as well, as
/// octets. An empty text is none. No fault shows a secret.
std::vector<std::string> read_secrets(TableReader& top, const Catalog& catalog);

}  // namespace troupe::topology::detail
