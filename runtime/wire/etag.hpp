#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/wire/json.hpp>

namespace troupe {

/// The strong entity tag of these octets: 128 bits of a hash, in quotes. The same octets have the same tag in every
/// process and version.
/// Source: RFC 9110, 8.8.3; XXH3, 128 bits.
std::string etag_of(std::string_view octets);

/// The entity tag of what the gateway answers with `view`: `if (!etag_matches(m.if_match, etag(view(state())))) …`.
template <class T>
std::string etag(const T& view) {
  return etag_of(wire::to_json(view));
}

/// Reads the list of an If-Match or If-None-Match field: the tags as they stand, `W/` and quotes included, or one `*`.
/// Nothing when malformed. Source: RFC 9110, 13.1.
std::optional<std::vector<std::string>> parse_entity_tags(std::string_view field);

/// Whether an If-Match of these tags lets a request pass: also where there is none. Weak tags match nothing.
bool etag_matches(const std::vector<std::string>& if_match, std::string_view etag);
bool etag_matches(const std::optional<std::vector<std::string>>& if_match, std::string_view etag);

}  // namespace troupe
