#include "runtime/wire/fault.hpp"

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

}  // namespace troupe::wire
