#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace troupe {

/// Appends two digits an octet, 0 to 9 and a to f, the high half first.
void append_hex(std::string& out, std::span<const std::uint8_t> octets);

}  // namespace troupe
