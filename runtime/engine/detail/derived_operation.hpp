#pragma once

#include <cstdint>

#include <troupe/contract/envelope.hpp>

namespace troupe::engine {

/// The operation of the `number`th keyed message that a turn asks: the same whenever the turn's own operation is
/// repeated, so that the receiver knows it again. Its time is the turn's, which keeps inboxes in order.
Uuid derived_operation(const Uuid& own, std::uint64_t number, const Envelope& asked);

}  // namespace troupe::engine
