#pragma once

#include <troupe/topology/catalog.hpp>
#include <troupe/topology/detail/draft.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::topology::detail {

/// Fills in what the draft leaves to the defaults and checks what only the whole can tell: who hosts what, which
/// addresses and files collide.
Topology resolve(Draft draft, const Catalog& catalog, Faults& faults);

}  // namespace troupe::topology::detail
