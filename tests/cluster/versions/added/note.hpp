#pragma once

#include <optional>
#include <string>

#include <troupe/contract/protocol.hpp>

/// Notes, with a field that older versions do not know.
namespace note {

struct View {
  std::string text;
  std::optional<std::string> author;
};
struct Read {
  using Reply = View;
  static constexpr auto effect = troupe::Effect::read;
};
struct Write {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
  std::string text;
  std::optional<std::string> author;
};
using Api = troupe::Protocol<"note", Read, Write>;

}  // namespace note
