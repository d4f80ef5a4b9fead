#pragma once

#include <sys/types.h>

#include <map>
#include <string>

namespace troupe::process {

/// The processes that an `up` runs, by the node of each. A node that is just being started again is not there.
std::map<std::string, pid_t> nodes_below(pid_t up);

}  // namespace troupe::process
