#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What is wrong with one part of an input.
struct Fault {
  std::string pointer;  // JSON pointer (RFC 6901) of the part; empty for the whole document
  std::string detail;   // what it must be: "must be from 1 to 10000"

  bool operator==(const Fault&) const = default;
};

namespace wire {

using troupe::Fault;

/// Appends one reference token, `~` and `/` escaped.
void append_pointer(std::string& pointer, std::string_view token);
void append_pointer(std::string& pointer, std::size_t index);

/// Where a walk through a value stands: a chain of frames on the stack, spelled out only when a fault needs it.
/// Lifetime: a path refers to its parent and its key; both must outlive it.
class Path {
 public:
  constexpr Path() = default;
  constexpr Path(const Path& parent, std::string_view key) : parent_(&parent), key_(key) {}
  constexpr Path(const Path& parent, std::size_t index) : parent_(&parent), index_(index), is_index_(true) {}

  std::string pointer() const;

 private:
  void append_to(std::string& pointer) const;

  const Path* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

/// An input is refused at its first fault; beyond this many, further ones are not worth their memory.
inline constexpr std::size_t max_faults = 1000;

void add_fault(std::vector<Fault>& faults, const Path& path, std::string detail);

/// Removes, of the faults from `first` on, those about a part, or a part of a part, that an earlier fault
/// is about: what was not read well need not keep rules.
void drop_consequences(std::vector<Fault>& faults, std::size_t first);

}  // namespace wire
}  // namespace troupe
