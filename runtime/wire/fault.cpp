#include <troupe/wire/fault.hpp>

#include <algorithm>
#include <utility>

namespace troupe::wire {

void append_pointer(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

void append_pointer(std::string& pointer, std::size_t index) {
  pointer += '/';
  pointer += std::to_string(index);
}

std::string Path::pointer() const {
  std::string pointer;
  append_to(pointer);
  return pointer;
}

void Path::append_to(std::string& pointer) const {
  if (parent_ == nullptr) return;
  parent_->append_to(pointer);
  if (is_index_) {
    append_pointer(pointer, index_);
  } else {
    append_pointer(pointer, key_);
  }
}

void add_fault(std::vector<Fault>& faults, const Path& path, std::string detail) {
  if (faults.size() < max_faults) faults.push_back({path.pointer(), std::move(detail)});
}

void drop_consequences(std::vector<Fault>& faults, std::size_t first) {
  const auto is_within = [](std::string_view part, std::string_view whole) {
    return part.starts_with(whole) && (part.size() == whole.size() || part[whole.size()] == '/');
  };
  const auto middle = faults.begin() + static_cast<std::ptrdiff_t>(first);
  const auto kept = std::remove_if(middle, faults.end(), [&](const Fault& later) {
    return std::any_of(faults.begin(), middle,
                       [&](const Fault& earlier) { return is_within(later.pointer, earlier.pointer); });
  });
  faults.erase(kept, faults.end());
}

}  // namespace troupe::wire
