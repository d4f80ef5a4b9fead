#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <troupe/contract/key.hpp>
#include <troupe/wire/time.hpp>

/// How call chains that wait for each other are found.
namespace troupe::engine::deadlock {

/// So long a turn has waited for an ask before a probe follows it.
inline constexpr Duration suspicion{200};
/// How often each loop looks at its waits, and sends probes.
inline constexpr Duration period{100};
/// Waits in one cycle; a longer one ends by its deadlines.
inline constexpr std::size_t longest_path = 64;

/// One attempt of an ask, as its asker knows it: no other has ever the same.
struct AskId {
  std::string node;
  std::uint32_t loop = 0;
  std::uint64_t request = 0;

  friend auto operator<=>(const AskId&, const AskId&) = default;
};

/// One entity and a message to it.
struct Party {
  std::string protocol;
  Key key;
  std::string message;

  friend bool operator==(const Party&, const Party&) = default;
};

/// A turn that waits for the answer to an ask: one step along the graph of who waits for whom.
struct Wait {
  AskId ask;
  Time since{};         ///< by the clock of its node
  Party waiter;         ///< the turn, by its entity and the message that it handles
  Party asked;          ///< whom it asked what
  bool queued = false;  ///< the ask had not begun when a probe passed by

  friend bool operator==(const Wait&, const Wait&) = default;
};

/// Whether `a` was asked after `b`: the same answer wherever it is looked for.
inline bool is_younger(const Wait& a, const Wait& b) { return a.since != b.since ? a.since > b.since : a.ask > b.ask; }

/// `product/01m7y867` as people know it, and what it was asked: `product/01m7y867 (Reserve)`.
std::string to_text(const Party& party);
/// A cycle, wait by wait, and on which node each turn runs.
std::string to_text(const std::vector<Wait>& cycle);

/// What goes from turn to turn along the asks that they wait for.
struct Probe {
  enum class Purpose : std::uint8_t {
    search,   ///< whether its way leads back to the turn that it began with
    confirm,  ///< whether every wait of its path still stands
    fail,     ///< the first ask of its path, which is the youngest of a cycle, is to fail
  };

  Purpose purpose = Purpose::search;
  std::uint32_t at = 0;    ///< it follows the ask of path[at]
  std::vector<Wait> path;  ///< each waits for a turn of the next; of a whole cycle, the last for one of the first

  const Wait& followed() const { return path[at]; }

  friend bool operator==(const Probe&, const Probe&) = default;
};

}  // namespace troupe::engine::deadlock
