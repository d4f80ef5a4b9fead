#pragma once

#include <cstdint>

#include <troupe/contract/failure.hpp>
#include <troupe/contract/message.hpp>

namespace troupe::resilience {

/// What has become of a message that failed.
enum class Trace : std::uint8_t {
  untouched,  ///< its turn has not started
  handled,    ///< its turn has started, or may have
};

/// Whether the runtime may repeat a call that ended so: what its effect class allows, and what may pass by itself.
///
/// A failure that was passed on from further down is not: it was repeated where it arose, or could not be. Layers that
/// all repeat would multiply. Time and budget are the caller's to look at.
bool may_repeat(Effect effect, const Failure& failure, Trace trace);

/// Whether a breaker counts this failure: the callee did not answer in time, or could not do its work. Not rejections,
/// which are answers; nor overload, which the callee sheds by itself and a cut would turn into an outage; nor bugs of
/// one entity, which are its supervisor's; nor what was passed on, since another edge has counted it.
bool is_outage(const Failure& failure);

}  // namespace troupe::resilience
