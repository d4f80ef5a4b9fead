#pragma once

#include "tests/supervision/script.hpp"

namespace troupe::supervision {

/// Plays a script as OTP's rules say it goes, written down a second time: one function for each rule, each waiting for
/// what it begins, as `supervisor.erl` does. Shares nothing with runtime/supervision but the words of its specs.
Transcript play_on_model(const Script& script);

}  // namespace troupe::supervision
