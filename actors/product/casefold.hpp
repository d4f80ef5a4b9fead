#pragma once

#include <string>
#include <string_view>

namespace shop::product {

/// The text as searches compare it: two texts that differ only in case, or in how their accents are composed, have the
/// same form. `text` is UTF-8; what is not is kept as it is.
/// Source: The Unicode Standard, 3.13, canonical caseless matching, in NFC so that accents are part of their letters.
std::string casefold(std::string_view text);

}  // namespace shop::product
