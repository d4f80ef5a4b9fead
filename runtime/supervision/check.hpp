#pragma once

#include <string>
#include <vector>

#include <troupe/supervision/spec.hpp>

namespace troupe::supervision {

/// Something wrong in a spec: of which supervisor or child, what, and what to do about it.
struct SpecFault {
  std::string path;  ///< ids from the root down, with `/` between them
  std::string what;
  std::string hint;

  friend bool operator==(const SpecFault&, const SpecFault&) = default;
};

/// `PATH: what; hint`
std::string to_text(const SpecFault& fault);

/// Every fault of a tree, before anything of it is started; `path` is that of its root.
std::vector<SpecFault> check(const std::string& path, const SupervisorSpec& spec);

/// Those of a child that is to be added to a supervisor with these flags.
std::vector<SpecFault> check_child(const std::string& parent, const SupervisorFlags& flags, const ChildSpec& child);

}  // namespace troupe::supervision
