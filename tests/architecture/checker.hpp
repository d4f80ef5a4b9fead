#pragma once

#include <string>
#include <vector>

#include "tests/architecture/rules.hpp"
#include "tests/architecture/source_tree.hpp"

namespace troupe::architecture {

/// One breach of a rule, as `path:line: what; what is allowed`.
using Finding = std::string;

/// All breaches of `rules` in `files`, which are a whole tree: a quoted include must name one of them.
std::vector<Finding> check_tree(const std::vector<SourceFile>& files, const Rules& rules);

/// What `rules` permit and nothing in `files` makes use of: arrows, homes of libraries and of privileges.
std::vector<Finding> check_use(const std::vector<SourceFile>& files, const Rules& rules);

/// Folders with too many sources, files with too many lines, and exceptions that are needed no more.
std::vector<Finding> check_sizes(const std::vector<SourceFile>& files, const Sizes& sizes);

/// Faults of the rules themselves: a room that allows an unknown one, or rooms that allow each other in a circle.
std::vector<Finding> check_rules(const Rules& rules);

}  // namespace troupe::architecture
