#pragma once

#include <troupe/topology/fault.hpp>
#include <troupe/topology/loader.hpp>
#include <troupe/topology/value.hpp>

namespace troupe::topology::detail {

/// Replaces `${NAME}` and `${NAME:-default}` in every text of `table`; `$$` stands for one `$`.
void substitute(Table& table, const Environment& environment, Faults& faults);

}  // namespace troupe::topology::detail
