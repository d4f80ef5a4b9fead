#pragma once

#include <string>

#include <troupe/contract/protocol.hpp>

/// Notes, as they were first.
namespace note {

struct View {
  std::string text;
};
struct Read {
  using Reply = View;
  static constexpr auto effect = troupe::Effect::read;
};
struct Write {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
  std::string text;
};
using Api = troupe::Protocol<"note", Read, Write>;

}  // namespace note
