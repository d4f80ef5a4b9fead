#pragma once

#include <troupe/topology/detail/reader.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::topology::detail {

// Each reads the keys of one table, keeps the default where one is absent and reports what is wrong. `finish` is left
// to the caller, whose table may have more keys.
GatewayLimits read_gateway_limits(TableReader& reader);
ActorPolicy read_actor_policy(TableReader& reader);
/// What the table does not say stays as it is.
void read_supervision(TableReader& reader, SupervisionPolicy& policy);
CallPolicy read_call_policy(TableReader& reader);
WatchdogPolicy read_watchdog_policy(TableReader& reader);

}  // namespace troupe::topology::detail
