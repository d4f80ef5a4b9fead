#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/wire/reflect.hpp>
#include "actors/ids.hpp"

namespace shop {

/// An id as a client writes it: text that has not an id's form is no fault, it just names nothing (the nil id).
template <class Id>
struct Reference {
  troupe::Uuid value;

  Id id() const { return Id{value}; }
  bool is_nil() const { return value.is_nil(); }

  friend bool operator==(const Reference&, const Reference&) = default;
};

}  // namespace shop

template <class Named>
struct troupe::wire::TextCodec<shop::Reference<Named>> {
  static constexpr std::string_view description = "an id that the shop has given";
  static std::string to_text(const shop::Reference<Named>& reference) { return troupe::to_text(reference.value); }
  static std::optional<shop::Reference<Named>> from_text(std::string_view text) {
    return shop::Reference<Named>{troupe::parse_uuid(text).value_or(troupe::Uuid{})};
  }
};
