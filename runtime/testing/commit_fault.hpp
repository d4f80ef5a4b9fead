#pragma once

#include <cstdint>

namespace troupe::testing {

/// How a test lets a commit fail.
enum class CommitFault : std::uint8_t {
  full,         ///< no space: nothing is written
  unavailable,  ///< the database is out of reach: nothing is written
  lost,         ///< of unknown outcome; nothing is written
  kept,         ///< of unknown outcome, though everything is written
};

}  // namespace troupe::testing
