#pragma once

#include <string>
#include <vector>

#include <troupe/contract/protocol.hpp>

/// Notes, with a field of another type than in older versions.
namespace note {

struct View {
  std::vector<std::string> text;
};
struct Read {
  using Reply = View;
  static constexpr auto effect = troupe::Effect::read;
};
struct Write {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
  std::vector<std::string> text;
};
using Api = troupe::Protocol<"note", Read, Write>;

}  // namespace note
